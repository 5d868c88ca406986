import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { Decider } from '../../src/analysis/decider.js';
import { decide, verdictAfter } from '../../src/analysis/decision.js';
import { DrillData } from '../../src/analysis/drill-data.js';
import { exact, type Measurement } from '../../src/analysis/measurement.js';
import { parseTarget, type Target } from '../../src/scenario/target.js';
import { randomFrom } from '../fixtures/random.js';
import { simulateTrials, targets } from '../fixtures/recording.js';

const MS = 1e6;
const target = (text: string) => parseTarget(text) as Target;
const SHARE = 0.9;
const met = [exact(1)];
const missed = [exact(20)];
const open: Measurement[] = [{ value: 10, lower: 9, upper: 11 }];
const times = (count: number, figures: Measurement[]) => Array.from({ length: count }, () => figures);

describe('a limit of 10', () => {
  test.each([
    // Every trial has to meet it: 0.9 ** 29 < 0.05.
    ['x < 10', times(28, met), undefined],
    ['x < 10', times(29, met), 'pass'],
    ['x < 10', [missed], 'fail'],
    ['x < 10', [...times(28, met), missed], 'fail'],
    ['x < 10', [...times(28, met), open], undefined],
    ['x < 10', [...times(60, met), []], undefined],
    ['x > 10', times(29, missed), 'pass'],
    ['x > 10', [met], 'fail'],
    ['x = 1', times(29, met), 'pass'],
    ['x = 1', [missed], 'fail'],
    // One is enough.
    ['x min < 10', [missed, met], 'pass'],
    ['x min < 10', times(28, missed), undefined],
    ['x min < 10', times(29, missed), 'fail'],
    // Half of them, and more.
    ['x median < 10', times(6, met), undefined],
    ['x median < 10', times(7, met), 'pass'],
    ['x median < 10', times(7, missed), 'fail'],
    ['x median < 10', [...times(6, met), open], undefined],
    ['x median < 10', times(50, open), undefined],
    ['x median > 10', times(7, missed), 'pass'],
    ['x p90 < 10', times(43, met), 'pass'],
    ['x p90 < 10', times(2, missed), 'fail'],
    // A tenth of them above is enough for a tenth percentile from above.
    ['x p90 > 10', [...times(2, missed)], 'pass'],
  ])('%s after %j', (text, trials, verdict) => {
    expect(decide({ target: target(text), trials, share: SHARE }).verdict).toBe(verdict);
  });
});

test('a trial counts by its own aggregate, and the drill by that of all figures together', () => {
  // Two flows of three are fast in each trial, so its median is.
  const trials = times(7, [exact(1), exact(2), exact(30)]);
  expect(verdictAfter({ target: target('x median < 10'), trials, share: SHARE })).toBe('pass');
  // All flows together have a median of 20, for all that most trials have one of 1.
  const torn = [...times(11, [exact(1), exact(1), exact(20)]), ...times(1, times(60, missed).flat())];
  expect(decide({ target: target('x median < 10'), trials: torn, share: SHARE }).verdict).toBe('pass');
  expect(verdictAfter({ target: target('x median < 10'), trials: torn, share: SHARE })).toBe('inconclusive');
});

test('a target that a trial has no figure for is not decided', () => {
  const sequence = { target: target('x < 10'), trials: [missed, []], share: SHARE };
  expect(verdictAfter(sequence)).toBe('inconclusive');
});

describe('simulated: drills that stop as soon as they can are wrong in at most 5 %', () => {
  const repeats = 2000;
  const most = 150;
  /** How drills end whose trials are slow with a chance, and fast otherwise. */
  function outcomes(text: string, slow: number) {
    const random = randomFrom(23);
    const known = new Map<string, string | undefined>();
    const ends = { pass: 0, fail: 0, inconclusive: 0 };
    for (let repeat = 0; repeat < repeats; repeat++) {
      let [fast, late] = [0, 0];
      let end: string | undefined;
      while (!end && fast + late < most) {
        if (random() < slow) late++;
        else fast++;
        const key = `${fast} ${late}`;
        if (!known.has(key))
          known.set(
            key,
            decide({
              target: target(text),
              trials: [...times(fast, met), ...times(late, missed)],
              share: SHARE,
            }).verdict,
          );
        end = known.get(key);
      }
      ends[(end ?? 'inconclusive') as keyof typeof ends]++;
    }
    return ends;
  }
  const allowed = repeats * (0.05 + 3 * Math.sqrt((0.05 * 0.95) / repeats));

  test.each([
    // At the edge, where a target is missed by next to nothing.
    ['x median < 10', 0.5],
    ['x p90 < 10', 0.1],
    ['x < 10', 0.1],
    ['x < 10', 0.3],
  ])('%s, where %d of all trials miss it: passes', (text, slow) => {
    expect(outcomes(text, slow).pass).toBeLessThan(allowed);
  });

  test.each([
    ['x median < 10', 0.5],
    ['x p90 < 10', 0.1],
    ['x median < 10', 0.3],
    ['x < 10', 0],
  ])('%s, where %d of all trials miss it: failures', (text, slow) => {
    expect(outcomes(text, slow).fail).toBeLessThan(allowed);
  });

  test('and decides what is clear', () => {
    expect(outcomes('x median < 10', 0.1).pass).toBeGreaterThan(0.99 * repeats);
    expect(outcomes('x median < 10', 0.9).fail).toBeGreaterThan(0.99 * repeats);
    expect(outcomes('x < 10', 0).pass).toBe(repeats);
    expect(outcomes('x < 10', 0.5).fail).toBeGreaterThan(0.99 * repeats);
  });
});

describe('a drill', () => {
  const until = (...texts: string[]) => ({
    ...targets(...texts),
    trials: 1,
    'until-decided': { most: 100, share: SHARE },
  });
  const drill = (lengths: readonly number[], ...texts: string[]) =>
    simulateTrials(
      lengths.map((length) => length * MS),
      { scenario: until(...texts), flows: 1, interval: 20 * MS },
    );
  /** After which trial it would have stopped. */
  function stopsAfter(lengths: readonly number[], ...texts: string[]): number | undefined {
    const decider = new Decider();
    const data = new DrillData();
    let stopped: number | undefined;
    for (const event of drill(lengths, ...texts)) {
      data.add(event);
      if (event.k === 'trial-end' && decider.isDecided(data)) stopped ??= data.trials.length;
    }
    return stopped;
  }
  const MEDIAN = 'loss_of_connectivity(app) median < 500ms';
  const ALL = 'loss_of_connectivity(app) < 900ms';

  test('stops as soon as every target is decided', () => {
    expect(stopsAfter(Array(10).fill(300), MEDIAN)).toBe(7);
    expect(stopsAfter(Array(31).fill(300), MEDIAN, ALL)).toBe(29);
  });

  test('stops with the first target that is missed for good', () => {
    expect(stopsAfter([300, 300, 1000, 300], MEDIAN, ALL)).toBe(3);
  });

  test('goes on where it may go either way', () => {
    expect(stopsAfter([300, 700, 300, 700, 300, 700, 300, 700, 300], MEDIAN)).toBeUndefined();
  });

  test('its recording is judged in the same way', () => {
    const judged = (lengths: readonly number[], ...texts: string[]) => analyze(drill(lengths, ...texts));
    const sevenTimes = [300, 310, 320, 330, 340, 350, 360];
    expect(judged(sevenTimes, MEDIAN)).toMatchObject({
      verdict: 'pass',
      targets: [
        {
          verdict: 'pass',
          decision: {
            met: 7,
            missed: 0,
            open: 0,
            shown: 'with 95 % confidence more than 50 % of all trials meet it',
          },
        },
      ],
    });
    expect(judged(sevenTimes.slice(1), MEDIAN)).toMatchObject({
      verdict: 'inconclusive',
      reason: `undecided: ${MEDIAN}`,
    });
    expect(judged([300, 1000], MEDIAN, ALL)).toMatchObject({ verdict: 'fail', reason: `missed: ${ALL}` });
  });
});
