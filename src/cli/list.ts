import type { Command } from 'commander';
import pc from 'picocolors';
import { unknownName } from '../document/nearest.js';
import { catalogue, type Entry } from '../reference/catalogue.js';

/** `faildrill list`: what a scenario can name. */
export function addList(program: Command): void {
  const list = program
    .command('list')
    .argument('[what]', 'probes, watches, faults, metrics, reports, receivers, or the name of one of them')
    .description('list what a scenario can name, or all keys of one kind')
    .action((what?: string) => {
      const sections = catalogue();
      const section = sections.find(({ key }) => key === what);
      const entry = sections.flatMap(({ entries }) => entries).find(({ name }) => name === what);
      if (entry) return void printEntry(entry);
      if (what !== undefined && !section) {
        const known = sections.flatMap(({ key, entries }) => [key, ...entries.map(({ name }) => name)]);
        list.error(`error: ${unknownName('thing to list', what, known)}`);
      }
      for (const { title, entries } of section ? [section] : sections) {
        console.log(pc.bold(title));
        const width = Math.max(...entries.map(({ name }) => name.length));
        for (const { name, description } of entries)
          console.log(`  ${name.padEnd(width)}  ${pc.dim(description)}`);
      }
    });
}

function printEntry({ name, description, parameters }: Entry) {
  console.log(`${pc.bold(name)}  ${description}`);
  for (const { name, type, required, default: fallback, description } of parameters) {
    const value = required ? 'required' : fallback === undefined ? '' : `default ${fallback}`;
    console.log(
      `  ${pc.bold(name)}  ${pc.dim([type.replaceAll('\\|', '|'), value].filter(Boolean).join(', '))}`,
    );
    if (description) console.log(`      ${description}`);
  }
}
