import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { coverageOf, type LabCoverage, type LabVariant } from '../coverage/coverage.js';
import { missingScenarios } from '../coverage/missing.js';
import { coverageFormats } from '../report/coverage/registry.js';
import { countDrilled } from '../report/coverage/words.js';
import { CannotRun } from '../runtime/errors.js';
import { loadScenario } from '../scenario/load.js';
import { loadTopology } from '../topology/load.js';
import { EXIT } from './exit.js';
import { collectVariable, percentage, withEnvironment } from './options.js';
import { findScenarios } from './scenarios.js';
import { variantOf, variantOfScenario } from './variants.js';
import { writingTo } from './writing.js';

interface CoverageOptions {
  set: Record<string, string>;
  format: keyof typeof coverageFormats;
  generate?: string;
  atLeast?: number;
}

/** `faildrill coverage`: what of a lab can fail by itself, and which scenarios drill that. */
export function addCoverage(program: Command): void {
  program
    .command('coverage')
    .argument('<file...>', 'scenario files (*.drill.yml), folders of them, or topology files (*.clab.yml)')
    .option('--set <name=value>', 'give a variable of the topology files a value', collectVariable, {})
    .addOption(
      new Option('--format <format>', 'how to show it')
        .choices(Object.keys(coverageFormats))
        .default('terminal'),
    )
    .option(
      '--generate <folder>',
      'write a scenario there for each single failure that none drills by itself',
    )
    .option('--at-least <share>', 'exit code 1 where less than this share is drilled, as 80%', percentage)
    .description('list the single failures of labs (links, nodes, daemons) and which scenarios drill them')
    .action((paths: string[], { set, format, generate, atLeast = 0 }: CoverageOptions) => {
      const files = findScenarios(paths);
      const scenarios = files
        .filter((file) => !isTopology(file))
        .map((file) => loadScenario(file, { variables: set }));
      const alone = files
        .filter(isTopology)
        .map((file): LabVariant => variantOf(loadTopology(file, withEnvironment(set)), set));
      const labs = coverageOf([...alone, ...scenarios.map(variantOfScenario)]);
      process.stdout.write(coverageFormats[format](labs));
      if (generate !== undefined) {
        const names = scenarios.map(({ scenario }) => scenario.name);
        const written = writeMissing(labs, { folder: generate, names });
        const next = written.length > 0 ? `; next: faildrill validate ${generate}` : '';
        console.error(`wrote ${written.length} scenarios to ${generate}${next}`);
      }
      const failures = labs.flatMap((lab) => lab.failures);
      if (countDrilled(failures) < atLeast * failures.length) process.exitCode = EXIT.fail;
    });
}

const isTopology = (file: string): boolean => /\.clab\.ya?ml$/.test(file);

/** Writes the scenarios that are missing, none over a file that is there, and checks each. Returns their paths. */
function writeMissing(
  labs: readonly LabCoverage[],
  { folder, names }: { folder: string; names: readonly string[] },
): string[] {
  const taken = new Set(names);
  const files = labs.flatMap((lab) =>
    missingScenarios(lab, taken).map(({ name, text }) => {
      taken.add(name);
      const file = join(folder, `${name}.drill.yml`);
      const path = relative(dirname(resolve(file)), lab.topology.file);
      return { file, text: text(path.startsWith('.') ? path : `./${path}`) };
    }),
  );
  const there = files.find(({ file }) => existsSync(file));
  if (there)
    throw new CannotRun(`${there.file} exists already`, {
      hint: 'name another folder with --generate, or let it count: add it to the scenarios',
    });
  writingTo(folder, { hint: 'name another folder with --generate' }, () => {
    for (const { file, text } of files) writeFileSync(file, text, { flag: 'wx' });
  });
  for (const { file } of files) loadScenario(file);
  return files.map(({ file }) => file);
}
