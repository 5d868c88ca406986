import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** Where iproute2 keeps its tables: its packagers do not agree. */
function tablesFolder(): string {
  const multiarch = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'tc'));
  const candidates = ['/usr/lib/tc', '/usr/share/tc', '/usr/lib64/tc', ...multiarch];
  const found = candidates.find((folder) => existsSync(join(folder, 'normal.dist')));
  if (!found) throw new Error('iproute2 has left no tables of distributions on this machine');
  return found;
}
