import { writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { CannotRun } from '../runtime/errors.js';
import { draftScenario } from '../scenario/draft.js';
import { loadTopology } from '../topology/load.js';

/** `faildrill init`: a first scenario for a lab that the user already has. */
export function addInit(program: Command): void {
  program
    .command('init')
    .argument('<topology>', 'containerlab topology file (*.clab.yml)')
    .option('--out <file>', 'scenario file to write', 'first.drill.yml')
    .description('write a first scenario for a lab')
    .action((file: string, { out }: { out: string }) => {
      const topology = loadTopology(file);
      const path = relative(dirname(resolve(out)), resolve(file));
      write(out, draftScenario(topology, path.startsWith('.') ? path : `./${path}`));
      console.log(`wrote ${out}; next: faildrill validate ${out}, faildrill run ${out}`);
    });
}

/** Writes a file that is not there yet. */
function write(file: string, text: string) {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? `${file} exists already` : `cannot write ${file} (${code})`;
    throw new CannotRun(why, { hint: 'name another file with --out', cause: error });
  }
}
