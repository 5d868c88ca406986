import { accuracy } from './accuracy.js';
import { analysis } from './analysis.js';
import { machine, quietMachine } from './machine.js';
import { memory } from './memory.js';
import { overhead } from './overhead.js';
import { scale } from './scale.js';
import { startup } from './startup.js';
import { type Row, resultTable } from './table.js';

/** What can be measured, in the order in which all of it is. */
const benchmarks: Record<string, () => Promise<Row[]>> = {
  accuracy,
  startup,
  scale,
  memory,
  overhead,
  analysis,
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(benchmarks, name));
if (unknown !== undefined) {
  console.error(`there is no benchmark "${unknown}"; there are ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}

const rows: Row[] = [];
for (const [name, run] of Object.entries(benchmarks)) {
  if (names.length > 0 && !names.includes(name)) continue;
  await quietMachine();
  console.log(`# ${name}\n\n${machine()}\n`);
  const start = performance.now();
  rows.push(...(await run()));
  console.log(`${name} took ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
}
console.log(`${resultTable(rows)}\n\n${machine()}`);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
