import {
  analyze,
  type DrillResult,
  type Event,
  type Lab,
  loadScenario,
  namespaceRuntime,
  type Runtime,
  readRecording,
  runDrill,
} from 'faildrill';

/** What came of a drill in which something else looked on. */
export interface Observed<T> {
  events: Event[];
  result: DrillResult;
  seen: T;
}

/**
 * Runs a drill with somebody else in its lab.
 * @param look starts him when the lab is up; what it resolves to ends him before the lab goes down
 */
export async function observedDrill<T>(options: {
  file: string;
  folder: string;
  look: (lab: Lab) => Promise<() => Promise<T>>;
}): Promise<Observed<T>> {
  let seen: T | undefined;
  const runtime: Runtime = {
    ...namespaceRuntime,
    async deploy(deployment) {
      const lab: Lab = await namespaceRuntime.deploy(deployment);
      const end = await options.look(lab);
      const down = lab[Symbol.asyncDispose].bind(lab);
      lab[Symbol.asyncDispose] = async () => {
        try {
          seen = await end();
        } finally {
          await down();
        }
      };
      return lab;
    },
  };
  const scenario = loadScenario(options.file);
  const { recording } = await runDrill({ scenario, runtime, reports: options.folder });
  const events = [...readRecording(recording)];
  const result = analyze(events);
  if (result.problems.length > 0) throw new Error(result.problems.join('; '));
  return { events, result, seen: seen as T };
}

/** Why trials of a drill are not valid. */
export const invalidTrials = ({ trials }: DrillResult): string[] =>
  trials.flatMap(({ valid, disturbances }) => (valid ? [] : [disturbances.join('; ')]));

/** The brackets of all faults of a drill's last trial, by name, injected and cleared. */
export function faultsOf(events: readonly Event[]) {
  const found = new Map<string, { inject: Bracket; clear: Bracket }>();
  for (const event of events) {
    if (event.k !== 'fault') continue;
    const known = found.get(event.fault) ?? ({} as { inject: Bracket; clear: Bracket });
    found.set(event.fault, { ...known, [event.action]: event });
  }
  return found;
}

interface Bracket {
  before: number;
  after: number;
}
