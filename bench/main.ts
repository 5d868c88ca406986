import { accuracy } from './accuracy.js';
import { analysis } from './analysis.js';
import { containerlab } from './containerlab.js';
import { control } from './control.js';
import { instruments } from './instruments.js';
import { jobs } from './jobs.js';
import { large } from './large.js';
import { machine, quietMachine } from './machine.js';
import { memory } from './memory.js';
import { merge } from './merge.js';
import { netem } from './netem.js';
import { overhead } from './overhead.js';
import { regression } from './regression.js';
import { scale } from './scale.js';
import { startup } from './startup.js';
import { type Row, resultTable } from './table.js';

/** What can be measured, in the order in which all of it is. */
const benchmarks: Record<string, () => Promise<Row[]>> = {
  accuracy,
  instruments,
  startup,
  scale,
  containerlab,
  memory,
  overhead,
  analysis,
  large,
  merge,
  jobs,
  regression,
  netem,
  control,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(benchmarks, name));
if (unknown !== undefined) {
  console.error(`there is no benchmark "${unknown}"; there are ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}
// What is to be left nowhere is removed at exit, and the labs end with this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const rows: Row[] = [];
const doubts: string[] = [];
for (const [name, run] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const others = await quietMachine();
  if (others !== undefined)
    doubts.push(`The machine was ${others} when "${name}" began: its figures are worse than they could be.`);
  console.log(`# ${name}\n\n${machine()}\n`);
  const start = performance.now();
  try {
    rows.push(...(await run()));
  } catch (error) {
    console.error(error);
    console.error('what the benchmarks need is installed by: faildrill doctor --install --for bench');
    process.exit(2);
  }
  console.log(`${name} took ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
}
console.log([resultTable(rows), machine(), ...doubts].join('\n\n'));
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
