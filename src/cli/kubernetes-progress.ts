import pc from 'picocolors';
import type { IndexState, RunState } from '../kubernetes/follow.js';
import type { Order } from '../kubernetes/order.js';
import { printable } from '../report/printable.js';
import { EXIT } from './exit.js';
import { PlainScreen } from './screen.js';

const ENDS: Record<number, string> = {
  [EXIT.pass]: pc.green('passed'),
  [EXIT.fail]: pc.red('failed'),
  [EXIT.inconclusive]: pc.yellow('inconclusive'),
  [EXIT.invalid]: pc.red('invalid'),
  [EXIT.cannotRun]: pc.red('cannot be run'),
  [EXIT.uncleared]: pc.red('clean-up incomplete'),
};

/** Prints how a run goes on standard error: a line for each index that goes on, and on a terminal one that lives. */
export class RunProgress {
  readonly #start = Date.now();
  readonly #screen = new PlainScreen();
  readonly #names: string[];

  constructor({ plan, shards = 1 }: Pick<Order, 'plan' | 'shards'>) {
    this.#names = Array.from({ length: shards }, (_, index) =>
      plan
        .filter(({ shard }) => shard === index + 1)
        .map(({ name }) => name)
        .join(', '),
    );
  }

  notice(state: RunState, before: RunState): void {
    state.indexes.forEach((one, index) => {
      const text = tellingOf(one, before.indexes[index]!);
      if (text !== undefined) this.say(`${pc.bold(printable(this.#names[index]!))}  ${text}`);
    });
    if (state.complaint !== undefined && state.complaint !== before.complaint) this.warn(state.complaint);
    const count = (...phases: IndexState['phase'][]) =>
      state.indexes.filter(({ phase }) => phases.includes(phase)).length;
    this.#screen.live(
      `${count('done', 'failed')} of ${state.indexes.length} done, ${count('drilling', 'holding')} drilling, ${count('waiting', 'starting')} waiting`,
    );
  }

  say(text: string): void {
    const seconds = ((Date.now() - this.#start) / 1000).toFixed(1).padStart(6);
    this.#screen.say(`${pc.dim(`${seconds} s`)}  ${text}`);
  }

  warn(text: string): void {
    this.say(pc.yellow(printable(text)));
  }

  end(): void {
    this.#screen.end();
  }
}

/** What there is to be said of an index; nothing where nothing is new. */
function tellingOf(one: IndexState, before: IndexState): string | undefined {
  const isNew = one.phase !== before.phase || one.pod?.name !== before.pod?.name;
  const { pod, phase, pods, reason = '' } = one;
  const again = pods.length > 1 ? `, pod ${pods.length}` : '';
  if (phase === 'drilling' && isNew) return `drilling${pod?.node ? ` on ${pod.node}` : ''}${again}`;
  if (phase === 'done' && isNew) return ENDS[pod?.code ?? -1] ?? 'fetched';
  if (phase === 'failed' && isNew) return pc.red(`not run: ${printable(reason)}`);
  if ((phase === 'starting' || phase === 'waiting') && reason !== '' && reason !== before.reason)
    return pc.yellow(printable(reason));
  return undefined;
}
