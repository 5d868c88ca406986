import { closeSync, openSync, writeSync } from 'node:fs';

/** Holds the processors to a longest time of waking up while it is open (the kernel's power management, PM QoS). */
const FILE = '/dev/cpu_dma_latency';

/**
 * Keeps idle processors from sleeping, from which they wake tens of microseconds late, most of all in a virtual machine. They use power
 * instead. Does nothing where the kernel has no such request, or does not permit it; over at the latest when the process ends.
 */
export class Wakefulness implements Disposable {
  #descriptor: number | undefined;

  constructor() {
    try {
      this.#descriptor = openSync(FILE, 'w');
      writeSync(this.#descriptor, new Int32Array([0]));
    } catch {
      // Measuring goes on without; how late packets are is measured and told anyway.
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
