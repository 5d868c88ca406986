import { fileURLToPath } from 'node:url';
import { loadScenario, namespaceRuntime, runDrill } from 'faildrill';
import { PROBE, writePairScenario } from './pair.js';

/** The command line, for processes of its own. */
export const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Records a real drill: a link is cut for 300 ms after a hold, and so many times. @returns paths of the scenario, the drill's folder and its recording */
export async function recordCut(
  folder: string,
  { trials, hold }: { trials: number; hold: string },
): Promise<{ scenario: string; folder: string; recording: string }> {
  const scenario = writePairScenario(folder, 'recorded', cutScenario({ trials, hold }));
  const drill = { scenario: loadScenario(scenario), runtime: namespaceRuntime, reports: folder };
  return { scenario, ...(await runDrill(drill)) };
}

/** A link is cut for 300 ms after a hold. */
export const cutScenario = ({ trials, hold }: { trials: number; hold: string }): string => `trials: ${trials}
validation-time: 1s
probes:
  app: ${PROBE}
steady-state: [app loses nothing for 1s]
steps:
  - hold: ${hold}
  - { inject: link-cut, link: "a:eth1 <-> b:eth1", mode: silent, as: cut }
  - hold: 300ms
  - clear: cut
  - wait: { for: recovery, within: 10s }
targets:
  - loss_of_connectivity(app) < 1s
  - recovery_time(app after clear cut) < 1s
`;
