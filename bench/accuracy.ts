import { cpus } from 'node:os';
import { type Cut, type Drilled, drillCuts, FIGURES, type Figure } from './accuracy/cuts.js';
import { busyLoops } from './busy.js';
import { median, quantile, randomNumbers } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const MS = 1e6;

/** Nominal lengths of the cuts, milliseconds. */
const LENGTHS = [10, 50, 200, 1000];

/** Cuts of each length, with the machine idle and again with it busy; in drills of so many. CUTS=1000 makes as many in all. */
const EACH = Number(process.env.CUTS ?? 200) / LENGTHS.length;
const IN_ONE_DRILL = 5;
const DRILLS = EACH / IN_ONE_DRILL;

/** Drills that may be repeated because faildrill called them invalid, with the machine busy. */
const MOST_REPEATS = 4;

const MOST_MEDIAN = 0.2 * MS;
const MOST_P99 = 1.1 * MS;

/** How wrong the measured length of an outage is, beside the truth and beside what other tools make of it. */
export async function accuracy(): Promise<Row[]> {
  using folder = temporaryFolder();
  const idle = await measure('idle', folder.path);
  await using _ = busyLoops(cpus().length);
  const busy = await measure('all cores busy', folder.path);
  return [...rowsOf('idle', idle), ...rowsOf('all cores busy', busy)];
}

async function measure(condition: string, folder: string): Promise<Drilled> {
  const random = randomNumbers(1);
  const between = (least: number, most: number) => least + random() * (most - least);
  const all: Drilled = { cuts: [], invalid: [] };
  for (let drill = 0; drill < DRILLS; drill++) {
    const lengths = Array.from({ length: IN_ONE_DRILL }, () => LENGTHS)
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

/** Figures of other tools and of faildrill are compared with the truth where it is known at least this well. */
const KNOWN = 0.5 * MS;

const widthOf = ({ truth }: Cut) => truth.upper - truth.lower;
const middleOf = ({ truth }: Cut) => (truth.lower + truth.upper) / 2;
const errors = (cuts: readonly Cut[], value: (cut: Cut) => number) =>
  cuts.filter((cut) => widthOf(cut) <= KNOWN).map((cut) => value(cut) - middleOf(cut));
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
    const by = better!.by === 'gap' ? 'time without answers' : 'missing answers';
    ways.set(`${peer} -i 1, by ${by}`, better!.value);
  }
  return ways;
}

const ms = (nanoseconds: number) => (nanoseconds / MS).toFixed(3);

function print(condition: string, { cuts, invalid }: Drilled) {
  const lines = [...ways(cuts)].flatMap(([way, value]) =>
    [...LENGTHS, undefined].map((length) => {
      const signed = errors(
        cuts.filter(({ nominal }) => length === undefined || nominal === length),
        value,
      );
      const size = sizes(signed);
      return [
        way,
        length === undefined ? 'all' : `${length} ms`,
        String(signed.length),
        ...[median(signed), median(size), quantile(size, 0.99), Math.max(...size)].map(ms),
      ];
    }),
  );
  const head = ['error in ms', 'cut', 'n', 'median', 'median size', 'p99 size', 'largest'];
  const unknown = cuts.filter((cut) => widthOf(cut) > KNOWN).length;
  console.log(
    `${condition}: ${cuts.length} cuts; the truth is known to ${ms(median(cuts.map(widthOf)))} ms (median)`,
  );
  if (unknown > 0)
    console.log(`${unknown} of them are left out below: their truth is not known to ${ms(KNOWN)} ms`);
  for (const why of invalid) console.log(`a trial was invalid: ${why}`);
  console.log(`\n${markdown(head, lines)}\n`);
  const widths = statedWidths(cuts);
  console.log(
    `the stated intervals are ${ms(median(widths))} ms wide (median), ${ms(quantile(widths, 0.99))} ms (p99)\n`,
  );
}

const statedWidths = (cuts: readonly Cut[]) =>
  cuts.flatMap(({ figures }) => FIGURES.map((figure) => figures[figure].upper - figures[figure].lower));

function rowsOf(condition: string, { cuts, invalid }: Drilled): Row[] {
  const errorsOf = (figure: Figure) => errors(cuts, ({ figures }) => figures[figure].value);
  const size = sizes(errorsOf('longest_loss_period(app)'));
  const alone = errorsOf('longest_loss_period(single)');
  const wrong = FIGURES.flatMap((figure) => cuts.filter((cut) => isWrong(cut, figure)));
  const repeated = invalid.length > 0 ? `; ${invalid.length} trials invalid` : '';
  const row = (what: string, target: string, measured: string, ok: boolean): Row => ({
    what: `outage, ${what}, ${condition}`,
    target,
    measured,
    ok: ok && cuts.length === EACH * LENGTHS.length,
  });
  const [most, worst] = [`<= ${ms(MOST_MEDIAN)} ms`, `<= ${ms(MOST_P99)} ms`];
  return [
    row('4 flows x 1 ms: median error', most, `${ms(median(size))} ms`, median(size) <= MOST_MEDIAN),
    row(
      '4 flows x 1 ms: p99 error',
      worst,
      `${ms(quantile(size, 0.99))} ms`,
      quantile(size, 0.99) <= MOST_P99,
    ),
    // Samples at 1 ms know each end to 1 ms only, so half of all errors are larger than 0.29 ms whatever is made of them.
    row(
      '1 flow x 1 ms: bias (median)',
      most,
      `${ms(median(alone))} ms`,
      Math.abs(median(alone)) <= MOST_MEDIAN,
    ),
    row(
      '1 flow x 1 ms: p99 error',
      worst,
      `${ms(quantile(sizes(alone), 0.99))} ms`,
      quantile(sizes(alone), 0.99) <= MOST_P99,
    ),
    ...(['five', 'twenty'] as const).map((probe) => {
      const interval = { five: 5, twenty: 20 }[probe];
      const p99 = quantile(sizes(errorsOf(`longest_loss_period(${probe})`)), 0.99);
      const limit = interval * MS + MOST_MEDIAN;
      return row(`1 flow x ${interval} ms: p99 error`, `<= ${ms(limit)} ms`, `${ms(p99)} ms`, p99 <= limit);
    }),
    row(
      'truth outside the stated interval',
      '0',
      `${wrong.length} of ${cuts.length * FIGURES.length}${repeated}`,
      wrong.length === 0,
    ),
  ];
}
