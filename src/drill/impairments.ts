import { CleanUp } from '../cleanup.js';
import { FaultFailed, type Way } from '../faults/fault.js';
import { faultKind } from '../faults/registry.js';
import type { Clock } from '../linux/clock.js';
import type { Attachment } from '../netem/engine.js';
import { chooseEngine, type EngineName } from '../netem/registry.js';
import { CannotRun } from '../runtime/errors.js';
import type { Lab } from '../runtime/runtime.js';
import { actingSteps, type Scenario } from '../scenario/schema.js';
import type { Recorder } from './recorder.js';

const keyOf = ({ link, direction, matches }: Omit<Way, 'impairment'>) =>
  JSON.stringify([link, direction, matches]);

/** What the faults of a drill need to impair packets, attached before anything is measured. */
export class Impairments implements AsyncDisposable {
  readonly #attached = new Map<string, Attachment>();
  readonly #engine = new CleanUp();

  /**
   * Attaches to every way that a step impairs; starts no engine where none does.
   * @param wanted engine to use, instead of the first that can
   * @param fail told when the engine ends by itself
   * @throws CannotRun where this machine has no engine that can
   */
  async arm(options: {
    lab: Lab;
    scenario: Scenario;
    clock: Clock;
    recorder: Recorder;
    fail: (error: Error) => void;
    wanted?: EngineName | undefined;
  }): Promise<void> {
    const { lab, scenario, clock, recorder, fail, wanted } = options;
    const ways = actingSteps(scenario.steps).flatMap((step) =>
      'inject' in step ? (faultKind(step).impairs?.(step as never, lab.topology) ?? []) : [],
    );
    if (ways.length === 0) return;
    const isShared = ({ link, direction }: Way) =>
      ways.filter((way) => way.link === link && way.direction === direction).length > 1;
    try {
      const kind = await chooseEngine(
        ways.map((way) => ({ ...way, isShared: isShared(way) })),
        wanted,
      );
      const engine = this.#engine.use(
        await kind.start({
          clock,
          seed: scenario.seed,
          late: ({ at, packets, worst }) =>
            recorder.add({ k: 'relay', t: at, packets, worst: Math.round(worst) }),
          fail: (error) => fail(new Error(`the relay of impaired packets ended: ${error.message}`)),
        }),
      );
      recorder.add({ k: 'netem', t: clock.now(), engine: kind.name });
      for (const way of ways) {
        const key = keyOf(way);
        if (this.#attached.has(key)) continue;
        const [forth, back] = lab.links.get(way.link)!.meters;
        const egress = way.direction === 'forth' ? forth : back;
        this.#attached.set(key, await engine.attach({ egress, matches: way.matches }));
      }
    } catch (error) {
      throw new CannotRun(`cannot impair packets: ${(error as Error).message}`, { cause: error });
    }
  }

  /** What impairs a way. */
  of(way: Way): Attachment {
    const attachment = this.#attached.get(keyOf(way));
    if (!attachment) throw new FaultFailed(`nothing was attached to ${way.link} when the lab was armed`);
    return attachment;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#engine[Symbol.asyncDispose]();
  }
}
