import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DrillResult, GATE_TRIALS, gate, parseResult } from 'faildrill';
import { randomNumbers } from './statistics.js';
import type { Row } from './table.js';

const ROUNDS = 500;
const SLOWER = 1.2;

/** Results of real drills with many trials each, without what no comparison reads: each a lab to draw trials from. */
const POOLS = join(import.meta.dirname, '../../bench/pools');

type Measured = DrillResult['measured'][number];

/**
 * How often the regression gate stops a change that changed nothing, and how often one that made the failover slower by a fifth: drills put together
 * from the trials of real ones, drawn with replacement, whole trials at a time, so that quantities of one trial stay together.
 */
export async function regression(): Promise<Row[]> {
  return readdirSync(POOLS).flatMap((file) => {
    const pool = parseResult(readFileSync(join(POOLS, file), 'utf8'));
    const random = randomNumbers(1);
    const lab = `${pool.name}, ${GATE_TRIALS} trials each`;
    const share = (isSlower: (measured: Measured) => boolean) => stopped(pool, { random, isSlower }) / ROUNDS;
    const alarms = share(() => false);
    const caught = share(({ unit }) => unit === 'duration');
    const times = pool.measured.filter(({ unit }) => unit === 'duration');
    const alone = times.map((one) => `  ${nameOf(one)}: ${percent(share((measured) => measured === one))}`);
    console.log(
      `${pool.name}: ${pool.measured[0]!.trials.length} real trials, ${pool.measured.length} quantities that targets limit, ${ROUNDS} rounds of ${GATE_TRIALS} trials each.
Caught, where only one of the times is a fifth longer:\n${alone.join('\n')}\n`,
    );
    return [
      { what: `gate: false alarms (${lab})`, target: '< 1 %', measured: percent(alarms), ok: alarms < 0.01 },
      {
        what: `gate: a failover slower by 20 % is caught (${lab})`,
        target: '>= 95 %',
        measured: percent(caught),
        ok: caught >= 0.95,
      },
    ];
  });
}

/** How many of the rounds the gate stops. */
function stopped(
  pool: DrillResult,
  options: { random: () => number; isSlower: (measured: Measured) => boolean },
): number {
  const { random, isSlower } = options;
  let count = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const baseline = drawn(pool, { random, isSlower: () => false });
    if (gate({ baseline, change: drawn(pool, { random, isSlower }) }).verdict === 'regression') count++;
  }
  return count;
}

/** A drill of trials that are drawn from those of another. */
function drawn(
  pool: DrillResult,
  { random, isSlower }: { random: () => number; isSlower: (measured: Measured) => boolean },
): DrillResult {
  const valid = pool.trials.filter(({ valid, complete }) => valid && complete);
  const picks = Array.from({ length: GATE_TRIALS }, () => valid[Math.floor(random() * valid.length)]!);
  const measured = pool.measured.map((one) => {
    const factor = isSlower(one) ? SLOWER : 1;
    const figures = new Map(one.trials.map(({ trial, measurement }) => [trial, measurement]));
    const trials = picks.flatMap((pick, index) => {
      const figure = figures.get(pick.trial);
      if (!figure) return [];
      const [value, lower, upper] = [figure.value, figure.lower, figure.upper].map((bound) => bound * factor);
      return [{ trial: index + 1, measurement: { ...figure, value: value!, lower: lower!, upper: upper! } }];
    });
    return { ...one, trials };
  });
  return { ...pool, trials: picks, measured };
}

const nameOf = ({ metric, subject, event }: Measured) =>
  `${metric}(${subject}${event === undefined ? '' : ` after ${event}`})`;
const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
