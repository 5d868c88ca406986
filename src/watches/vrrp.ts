import * as z from 'zod';
import { pathInRoot } from '../linux/in-root.js';
import { Processes } from '../linux/process-watch.js';
import { absolutePath, nodeName } from '../scenario/units.js';
import { type Conversation, DaemonSensor } from './daemon-sensor.js';
import { LineFollower } from './line-follower.js';
import { EVENT_RESOLUTION, type Seen, type WatchKind } from './watch.js';

const parameters = {
  node: nodeName,
  instance: z.string().min(1).meta({ description: 'name of the vrrp_instance' }),
  state: z.enum(['master', 'backup', 'fault']).default('master').meta({
    description: 'state that counts as the signal',
  }),
  file: absolutePath.optional().meta({
    description:
      "file in the node that keepalived's log goes to; without it, the console (keepalived with --log-console)",
  }),
};
type Parameters = z.output<z.ZodObject<typeof parameters>>;

/** A change of state, in a line that keepalived logs; version 1 names the instance as VRRP_Instance(NAME). */
const CHANGE = /\(([^()]+)\) Entering (MASTER|BACKUP|FAULT) STATE/;

/** Reads a change of state from a line of keepalived's log. */
export function parseVrrpChange(line: string) {
  const [, instance = '', state] = CHANGE.exec(line) ?? [];
  return state ? { instance, state: state.toLowerCase() } : undefined;
}

/** What keepalived logged since it started, and whether it still runs: one that was killed says nothing. */
class KeepalivedLog implements Conversation {
  readonly #wanted: Parameters;
  readonly #network: string;
  readonly #follower: LineFollower;
  readonly #hooks: { tell: (seen: Seen) => void; listen: (descriptor: number) => void };
  #processes: Processes | undefined;

  constructor(options: {
    wanted: Parameters;
    network: string;
    path: string;
    tell: (seen: Seen) => void;
    listen: (descriptor: number) => void;
  }) {
    this.#wanted = options.wanted;
    this.#network = options.network;
    this.#hooks = options;
    this.#follower = new LineFollower(options.path, { from: 'start' });
    options.listen(this.#follower.descriptor);
  }

  read(): void {
    const { instance, state: wanted } = this.#wanted;
    const changes = this.#follower
      .read()
      .map(parseVrrpChange)
      .filter((change) => change?.instance === instance);
    if (this.#processes?.hasLost) this.#lose();
    if (changes.length > 0) this.#find();
    if (!this.#processes) return;
    for (const { state } of changes.filter((change) => change !== undefined))
      this.#hooks.tell({ active: state === wanted, detail: `${instance} is ${state.toUpperCase()}` });
  }

  /** What keepalived says is so as long as it runs. */
  #find(): void {
    if (this.#processes) return;
    const processes = new Processes(this.#network, 'keepalived');
    if (processes.count === 0) {
      processes.close();
      return;
    }
    this.#processes = processes;
    this.#hooks.listen(processes.descriptor);
  }

  #lose(): void {
    this.#forget();
    this.#hooks.tell({ active: false, unknown: true, detail: 'unknown: a process of keepalived has ended' });
  }

  #forget(): void {
    this.#processes?.close();
    this.#processes = undefined;
  }

  close(): void {
    this.#forget();
    this.#follower.close();
  }
}

/** An instance of keepalived enters a state, by the lines that it logs. */
export const vrrp: WatchKind<typeof parameters> = {
  name: 'vrrp',
  description:
    'an instance of keepalived becomes MASTER, BACKUP or FAULT, by its log; where it is told that it is, whatever addresses it holds',
  parameters,
  phase: 'decide',
  isTimedBy: ({ state, instance }, { protocol, text }) =>
    state === 'master' && protocol === 'VRRP' && text.startsWith(`VRRP ${instance}:`),
  resolution: () => EVENT_RESOLUTION,
  sense: (wanted, { network, files, console }) => {
    const { file, instance } = wanted;
    const path = file === undefined ? console : pathInRoot(files, file);
    return new DaemonSensor({
      daemon: `instance "${instance}" of keepalived`,
      silence: `${file ?? "the node's console"} has no line of its state, or keepalived does not run`,
      converse: (hooks) => new KeepalivedLog({ ...hooks, wanted, network, path }),
    });
  },
};
