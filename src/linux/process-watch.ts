import { readdirSync, readFileSync, statSync } from 'node:fs';
import { DescriptorSet } from './descriptor-set.js';
import { close, openProcess } from './libc.js';

/** Processes of one name in a network namespace, as a descriptor that becomes readable when one of them ends. */
export class Processes {
  readonly #set = new DescriptorSet();
  readonly #descriptors: number[];

  /**
   * @param network path of the network namespace
   * @param name as the kernel knows it: 15 characters at most
   */
  constructor(network: string, name: string) {
    const { ino } = statSync(network);
    this.#descriptors = readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && isIn(entry, { ino, name }))
      .map((entry) => openProcess(Number(entry)))
      .filter((descriptor) => descriptor !== undefined);
    for (const descriptor of this.#descriptors) this.#set.add(descriptor);
  }

  get count(): number {
    return this.#descriptors.length;
  }

  get descriptor(): number {
    return this.#set.descriptor;
  }

  /** Whether one has ended. */
  get hasLost(): boolean {
    return this.#set.wait(0);
  }

  close(): void {
    for (const descriptor of this.#descriptors) close(descriptor);
    this.#set.close();
  }
}

function isIn(pid: string, { ino, name }: { ino: number; name: string }): boolean {
  try {
    const isNamed = readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd() === name;
    return isNamed && statSync(`/proc/${pid}/ns/net`).ino === ino;
  } catch {
    // The process ended meanwhile.
    return false;
  }
}
