import { type Cut, type Drilled, drillCuts, FIGURES, type Figure } from './accuracy/cuts.js';
import { busyLoops } from './busy.js';
import { median, quantile, randomNumbers } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const MS = 1e6;

/** Nominal lengths of the cuts, milliseconds. */
const LENGTHS = [10, 50, 200, 1000];

/** Cuts of each length, with the machine idle and again with it busy; in so many drills. */
const EACH = 4;
const DRILLS = 2;

/** Drills that may be repeated because faildrill called them invalid, with the machine busy. */
const MOST_REPEATS = 4;

const MOST_MEDIAN = 0.2 * MS;
const MOST_P99 = 1.1 * MS;

/** How wrong the measured length of an outage is, beside the truth and beside what other tools make of it. */
export async function accuracy(): Promise<Row[]> {
  using folder = temporaryFolder();
  const idle = await measure('idle', folder.path);
  await using _ = busyLoops(2);
  const busy = await measure('both cores busy', folder.path);
  return [...rowsOf('idle', idle), ...rowsOf('both cores busy', busy)];
}

async function measure(condition: string, folder: string): Promise<Drilled> {
  const random = randomNumbers(1);
  const between = (least: number, most: number) => least + random() * (most - least);
  const all: Drilled = { cuts: [], invalid: [] };
  for (let drill = 0; drill < DRILLS; drill++) {
    const lengths = Array.from({ length: EACH / DRILLS }, () => LENGTHS)
      .flat()
      .map((nominal) => ({
        nominal,
        // Anything but multiples of the probes' interval.
        length: between(0.9, 1.1) * nominal * MS,
        pause: between(150, 250) * MS,
      }));
    let { cuts, invalid } = await drillCuts({ folder, lengths });
    all.invalid.push(...invalid);
    for (let repeat = 0; cuts.length === 0 && repeat < MOST_REPEATS; repeat++) {
      ({ cuts, invalid } = await drillCuts({ folder, lengths }));
      all.invalid.push(...invalid);
    }
    all.cuts.push(...cuts);
    process.stderr.write(
      `accuracy, ${condition}: ${all.cuts.length} cuts, ${all.invalid.length} trials invalid\n`,
    );
  }
  print(condition, all);
  return all;
}

const middle = ({ truth }: Cut) => (truth.lower + truth.upper) / 2;
const errors = (cuts: readonly Cut[], value: (cut: Cut) => number) =>
  cuts.map((cut) => value(cut) - middle(cut));
const sizes = (values: readonly number[]) => values.map(Math.abs);

/** Whether a statement contradicts the truth. */
const isWrong = ({ truth, figures }: Cut, figure: Figure) =>
  figures[figure].lower > truth.upper || figures[figure].upper < truth.lower;

/** The ways to a length: faildrill's figures, and for each other tool the better of its two. */
function ways(cuts: readonly Cut[]): Map<string, (cut: Cut) => number> {
  const ways = new Map<string, (cut: Cut) => number>(
    FIGURES.map((figure) => [`faildrill ${figure}`, ({ figures }) => figures[figure].value]),
  );
  for (const peer of Object.keys(cuts[0]?.peers ?? {})) {
    const [better] = (['missing', 'gap'] as const)
      .map((by) => ({ by, value: (cut: Cut) => cut.peers[peer]![by] }))
      .sort((a, b) => median(sizes(errors(cuts, a.value))) - median(sizes(errors(cuts, b.value))));
    ways.set(
      `${peer}, by ${better!.by === 'gap' ? 'time without answers' : 'missing answers'}`,
      better!.value,
    );
  }
  return ways;
}

const ms = (nanoseconds: number) => (nanoseconds / MS).toFixed(3);

function print(condition: string, { cuts, invalid }: Drilled) {
  const lines = [...ways(cuts)].flatMap(([way, value]) =>
    [...LENGTHS, undefined].map((length) => {
      const some = cuts.filter(({ nominal }) => length === undefined || nominal === length);
      const signed = errors(some, value);
      const size = sizes(signed);
      return [
        way,
        length === undefined ? 'all' : `${length} ms`,
        String(some.length),
        ...[median(signed), median(size), quantile(size, 0.99), Math.max(...size)].map(ms),
      ];
    }),
  );
  const head = ['error in ms', 'cut', 'n', 'median', 'median size', 'p99 size', 'largest'];
  const width = median(cuts.map(({ truth }) => truth.upper - truth.lower));
  console.log(
    `\n${condition}: the truth is known to ${ms(width)} ms (median); ${invalid.length} trials invalid\n`,
  );
  for (const why of new Set(invalid)) console.log(`- invalid: ${why}`);
  console.log(`${markdown(head, lines)}\n`);
}

function rowsOf(condition: string, { cuts, invalid }: Drilled): Row[] {
  const value = ({ figures }: Cut) => figures['recovery_time(app)'].value;
  const size = sizes(errors(cuts, value));
  const wrong = FIGURES.flatMap((figure) => cuts.filter((cut) => isWrong(cut, figure)));
  const wanted = EACH * LENGTHS.length;
  return [
    {
      what: `outage of ${LENGTHS.join(', ')} ms, probe at 1 ms, ${condition}: median error`,
      target: `<= ${ms(MOST_MEDIAN)} ms`,
      measured: `${ms(median(size))} ms (n = ${cuts.length})`,
      ok: cuts.length === wanted && median(size) <= MOST_MEDIAN,
    },
    {
      what: `the same, ${condition}: 99th percentile`,
      target: `<= ${ms(MOST_P99)} ms`,
      measured: `${ms(quantile(size, 0.99))} ms`,
      ok: quantile(size, 0.99) <= MOST_P99,
    },
    {
      what: `the same, ${condition}: truth outside the stated interval`,
      target: '0',
      measured: `${wrong.length} of ${cuts.length * FIGURES.length}${invalid.length > 0 ? `; ${invalid.length} trials invalid` : ''}`,
      ok: wrong.length === 0 && cuts.length > 0,
    },
  ];
}
