import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { InvalidInput, type Problem } from '../document/problem.js';
import type { LoadedScenario } from '../scenario/load.js';
import { substitute } from '../topology/variables.js';

/**
 * What a drill needs in its pod: the scenario, the topology, and what the nodes are given by paths from there. What they bind by an absolute path is expected in the
 * image.
 * @returns absolute paths; a folder stands for all that is below it
 * @throws InvalidInput for what would be another thing in a pod
 */
export function travelling(loaded: readonly LoadedScenario[]): string[] {
  const problems = loaded.flatMap(unlikeHere);
  if (problems.length > 0) throw new InvalidInput(problems);
  const files = loaded.flatMap(({ file, topology }) => [
    file,
    topology.file,
    ...[...topology.nodes.values()].flatMap(({ binds, envFiles }) => [
      ...binds.filter(({ from }) => from === 'topology').map(({ source }) => source),
      ...envFiles,
    ]),
  ]);
  return [...new Set(files)].sort();
}

/** What of a scenario depends on this machine. */
function unlikeHere({ file, scenario, topology }: LoadedScenario): Problem[] {
  const problem = (where: string, message: string): Problem => ({
    file: where,
    line: 1,
    column: 1,
    message,
  });
  const home = [...topology.nodes.values()].flatMap(({ name, binds }) =>
    binds.filter(({ from }) => from === 'home').map(({ source }) => `node "${name}" binds ${source}`),
  );
  return [
    ...(isAbsolute(scenario.lab)
      ? [problem(file, `its lab is named by an absolute path, which a pod has not: ${scenario.lab}`)]
      : []),
    ...home.map((what) => problem(topology.file, `${what} from the home directory, which a pod has not`)),
    ...(substitute(readFileSync(topology.file, 'utf8'), scenario.variables) === topology.text
      ? []
      : [
          problem(
            topology.file,
            'it takes variables from the environment of this shell, which a pod has not: give them by --set, or in the scenario',
          ),
        ]),
  ];
}
