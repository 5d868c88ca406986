import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { distributions } from './impairment.js';

/** What a table's numbers are multiples of: one standard deviation (linux/pkt_sched.h, NETEM_DIST_SCALE). */
export const SCALE = 8192;

type Named = Exclude<(typeof distributions)[number], 'uniform'>;

const tables = new Map<Named, Int16Array>();

/** The table of a distribution, as iproute2 has it: draws in units of a `SCALE`th of the jitter. Read once. */
export function readTable(name: Named): Int16Array {
  let table = tables.get(name);
  if (!table) {
    const text = readFileSync(join(tablesFolder(), `${name}.dist`), 'utf8').replace(/^#.*$/gm, '');
    table = Int16Array.from(text.split(/\s+/).filter(Boolean).map(Number));
    tables.set(name, table);
  }
  return table;
}

/**
 * Fills a folder with tables for tc: its own, and one of the uniform distribution. The kernel keeps a table until it gets another, so that
 * without one there would be no way back to the distribution that it has without a table.
 */
export function writeTables(folder: string): void {
  const own = tablesFolder();
  for (const name of readdirSync(own)) symlinkSync(join(own, name), join(folder, name));
  const steps = 4096;
  const uniform = Array.from({ length: steps }, (_, step) =>
    Math.round(((2 * step + 1) / steps - 1) * SCALE),
  );
  writeFileSync(join(folder, 'uniform.dist'), `${uniform.join(' ')}\n`);
}

/** Where iproute2 keeps its tables: its packagers do not agree. */
function tablesFolder(): string {
  const multiarch = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'tc'));
  const candidates = ['/usr/lib/tc', '/usr/share/tc', '/usr/lib64/tc', ...multiarch];
  const found = candidates.find((folder) => existsSync(join(folder, 'normal.dist')));
  if (!found) throw new Error('iproute2 has left no tables of distributions on this machine');
  return found;
}
