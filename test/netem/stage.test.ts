import { describe, expect, test } from 'vitest';
import { distance, expectedDelays, lostOf, RARE, runLengths, simulate, tolerance } from './simulation.js';

// Seeds are fixed, so these never fail by chance; the tolerances are those that a correct engine misses once in 10,000 times.
const COUNT = 200_000;
const MS = 1e6;

describe('delay', () => {
  test.each(['0ms', '5ms', '20ms', '100ms', '500ms'])('%s is exact', (delay) => {
    const { sent } = simulate({ said: { delay }, count: 1000 });
    const expected = Number.parseFloat(delay) * MS;
    expect(sent.map(({ packet, at }) => at - packet * MS)).toEqual(Array(1000).fill(expected));
  });

  test.each(['uniform', 'normal', 'pareto', 'paretonormal'] as const)('jitter: %s', (distribution) => {
    const { sent } = simulate({
      said: { delay: '200ms', jitter: '10ms', distribution },
      count: COUNT,
      gap: 1000 * MS,
    });
    const delays = sent.map(({ packet, at }) => at - packet * 1000 * MS).sort((a, b) => a - b);
    // Kolmogorov-Smirnov against the table that the draws come from; 2.2 is exceeded once in 10,000 times.
    expect(distance(delays, expectedDelays(distribution, { delay: 200 * MS, jitter: 10 * MS }))).toBeLessThan(
      2.2 / Math.sqrt(COUNT),
    );
  });

  test('a draw below nothing is sent at once, and was never due before it came', () => {
    const { stage } = simulate({
      said: { delay: '10ms', jitter: '10ms', distribution: 'normal' },
      count: 0,
    });
    const waits = Array.from({ length: 1000 }, (_, packet) => {
      stage.take(packet, packet * MS);
      const wait = stage.next - packet * MS;
      stage.remove();
      return wait;
    });
    // 16 % of a normal distribution lie more than its deviation below its mean.
    const atOnce = waits.filter((wait) => wait === 0).length / 1000;
    expect(Math.abs(atOnce - 0.159)).toBeLessThan(tolerance(0.159, 1000));
    expect(Math.min(...waits)).toBe(0);
  });

  test('correlation keeps the spread within that of the jitter and ties neighbours', () => {
    const count = 20_000;
    const said = { delay: '100ms', jitter: '10ms', 'delay-correlation': '50%' };
    const { sent } = simulate({ said, count, gap: 1000 * MS });
    const delays = sent.map(({ packet, at }) => at - packet * 1000 * MS - 100 * MS);
    const mean = average(delays);
    const variance = average(delays.map((delay) => (delay - mean) ** 2));
    const covariance = average(
      delays.slice(1).map((delay, index) => (delay - mean) * (delays[index]! - mean)),
    );
    expect(covariance / variance).toBeGreaterThan(0.45);
    expect(covariance / variance).toBeLessThan(0.55);
  });
});

describe('loss', () => {
  test.each([0.1, 1, 5, 20, 100])('%s percent', (percent) => {
    const { sent, stage } = simulate({ said: { loss: `${percent}%` }, count: COUNT });
    const share = 1 - sent.length / COUNT;
    expect(Math.abs(share - percent / 100)).toBeLessThanOrEqual(tolerance(percent / 100, COUNT));
    expect(stage.counters).toMatchObject({ packets: COUNT, lost: COUNT - sent.length });
  });

  test('none', () => {
    expect(simulate({ said: { loss: '0%', delay: '1ms' }, count: COUNT }).sent).toHaveLength(COUNT);
  });

  test.each([
    [1, 10],
    [5, 50],
    [0.5, 2],
  ])('Gilbert-Elliott with p %s and r %s percent: runs are as long as the chain says', (p, r) => {
    const { sent } = simulate({ said: { loss: { gemodel: { p: `${p}%`, r: `${r}%` } } }, count: COUNT });
    const lost = lostOf(sent, COUNT);
    expectRuns(runLengths(lost), r / 100);
    expectRuns(runLengths(lost.map((is) => !is)), p / 100);
  });

  test('Gilbert-Elliott with losses in both states', () => {
    const model = { p: '5%', r: '50%', '1-h': '80%', '1-k': '1%' };
    const { sent } = simulate({ said: { loss: { gemodel: model } }, count: COUNT });
    const bad = 0.05 / 0.55;
    const expected = bad * 0.8 + (1 - bad) * 0.01;
    // Neighbours are tied by 1 - p - r = 0.45, which widens the spread.
    const spread = RARE * Math.sqrt((expected * (1 - expected) * (1.45 / 0.55)) / COUNT);
    expect(Math.abs(1 - sent.length / COUNT - expected)).toBeLessThan(spread);
  });

  test('four states: single losses in the gap, and bursts with successes in them', () => {
    const state = { p13: '2%', p31: '30%', p32: '20%', p23: '80%', p14: '1%' };
    const { sent } = simulate({ said: { loss: { state } }, count: COUNT });
    const expected = stationaryLoss({ p13: 0.02, p31: 0.3, p32: 0.2, p23: 0.8, p14: 0.01 });
    expect(Math.abs(1 - sent.length / COUNT - expected)).toBeLessThan(3 * tolerance(expected, COUNT));
  });
});

describe('damage', () => {
  test('duplicates are sent beside the packet', () => {
    const { sent, stage } = simulate({ said: { duplicate: '5%' }, count: COUNT });
    const doubled = sent.length - COUNT;
    expect(Math.abs(doubled / COUNT - 0.05)).toBeLessThan(tolerance(0.05, COUNT));
    expect(new Set(sent.map(({ packet }) => packet)).size).toBe(COUNT);
    expect(stage.counters.duplicated).toBe(doubled);
  });

  test('corruption flips exactly one bit, any', () => {
    const { sent } = simulate({ said: { corrupt: '10%' }, count: COUNT, length: 64 });
    const damaged = sent.filter(({ flipped }) => flipped.length > 0);
    expect(Math.abs(damaged.length / COUNT - 0.1)).toBeLessThan(tolerance(0.1, COUNT));
    expect(damaged.every(({ flipped }) => flipped.length === 1)).toBe(true);
    const bits = new Set(damaged.map(({ flipped }) => flipped[0]));
    expect([Math.min(...(bits as Set<number>)), Math.max(...(bits as Set<number>)), bits.size]).toEqual([
      0, 511, 512,
    ]);
  });
});

describe('order', () => {
  test('reordered packets leave at once, the others wait', () => {
    const { sent } = simulate({ said: { delay: '10ms', reorder: '25%' }, count: COUNT });
    const early = sent.filter(({ packet, at }) => at === packet * MS).length;
    expect(Math.abs(early / COUNT - 0.25)).toBeLessThan(tolerance(0.25, COUNT));
    expect(sent.every(({ packet, at }) => [0, 10 * MS].includes(at - packet * MS))).toBe(true);
  });

  test('with a gap only every so manieth packet can', () => {
    const { sent } = simulate({ said: { delay: '10ms', reorder: '100%', gap: 5 }, count: 1000 });
    const early = sent.filter(({ packet, at }) => at === packet * MS).map(({ packet }) => packet);
    expect(early).toEqual(Array.from({ length: 200 }, (_, index) => 5 * index + 4));
  });

  test('a delay without jitter keeps the order', () => {
    const { sent } = simulate({ said: { delay: '20ms' }, count: 1000 });
    expect(sent.map(({ packet }) => packet)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });
});

describe('rate', () => {
  test.each(['1mbit', '10mbit', '100mbit', '500mbit'])('%s, to the nanosecond', (rate) => {
    const { sent } = simulate({ said: { rate }, count: 5000, gap: 1, length: 1500 });
    const took = sent.at(-1)!.at;
    expect(took).toBeCloseTo((5000 * 1500 * 8e9) / (Number.parseFloat(rate) * 1e6), -1);
  });

  test('overheads and cells count', () => {
    const said = { rate: '8kbit', 'packet-overhead': 10, 'cell-size': 48, 'cell-overhead': 5 };
    const { sent } = simulate({ said, count: 1, length: 100 });
    // 110 bytes are three cells of 48, each 53 bytes with its overhead, at 1000 bytes a second.
    expect(sent[0]!.at).toBe(159 * MS);
  });

  test('the time that a packet waits for those before it is part of its delay', () => {
    const { sent } = simulate({ said: { rate: '8mbit', delay: '10ms' }, count: 3, gap: 1, length: 1000 });
    expect(sent.map(({ at }) => Math.round(at / 1000))).toEqual([11_000, 12_000, 13_000]);
  });
});

test('what does not fit in the queue is lost', () => {
  const { sent, stage } = simulate({ said: { delay: '100ms', limit: 50 }, count: 1000 });
  expect(stage.counters).toMatchObject({ packets: 1000, overflowed: 1000 - sent.length });
  expect(sent.slice(0, 50).map(({ packet }) => packet)).toEqual(
    Array.from({ length: 50 }, (_, index) => index),
  );
  expect(sent[50]!.packet).toBe(100);
});

test('what comes together counts each segment, and is delayed together', () => {
  const { sent, stage } = simulate({ said: { delay: '100ms', limit: 50 }, count: 1000, segments: 20 });
  expect(stage.counters).toMatchObject({ packets: 20_000, overflowed: 20_000 - 20 * sent.length });
  expect(sent.slice(0, 3)).toMatchObject([
    { packet: 0, at: 100 * MS },
    { packet: 1, at: 101 * MS },
    { packet: 100, at: 200 * MS },
  ]);
});

test('slots let packets go in bursts', () => {
  const { sent } = simulate({ said: { slot: { min: '20ms', packets: 4 } }, count: 400, gap: 5 * MS });
  const bursts = groups(sent.map(({ at }) => at));
  expect(bursts.length).toBeGreaterThan(90);
  expect(Math.max(...bursts)).toBeLessThanOrEqual(5);
});

test('a change leaves what waits where it is', () => {
  const { stage, sent } = simulate({ said: { delay: '10ms' }, count: 1 });
  expect(sent).toHaveLength(1);
  stage.take(7, 100);
  stage.retire();
  expect(stage.isOver).toBe(false);
  expect(stage.next).toBe(10 * MS + 100);
  stage.take(8, 200);
  expect([stage.give(200), stage.give(10 * MS), stage.give(10 * MS + 100)]).toEqual([8, undefined, 7]);
  expect(stage.isOver).toBe(true);
});

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function groups(times: readonly number[]): number[] {
  const sizes = new Map<number, number>();
  for (const time of times) sizes.set(time, (sizes.get(time) ?? 0) + 1);
  return [...sizes.values()];
}

/** Runs of a state that is left with a probability each time are geometric: their mean and the share of runs of one. */
function expectRuns(lengths: readonly number[], leave: number) {
  const mean = average(lengths);
  const spread = Math.sqrt(1 - leave) / leave;
  expect(Math.abs(mean - 1 / leave)).toBeLessThan((RARE * spread) / Math.sqrt(lengths.length));
  const ones = lengths.filter((length) => length === 1).length / lengths.length;
  expect(Math.abs(ones - leave)).toBeLessThan(tolerance(leave, lengths.length));
}

/** Share of the lossy states of the four-state chain in the long run, by going through it. */
function stationaryLoss({ p13, p31, p32, p23, p14 }: Record<'p13' | 'p31' | 'p32' | 'p23' | 'p14', number>) {
  let [gap, burst, lostInBurst, lostInGap] = [1, 0, 0, 0];
  for (let step = 0; step < 10_000; step++) {
    [gap, burst, lostInBurst, lostInGap] = [
      gap * (1 - p13 - p14) + lostInBurst * p31 + lostInGap,
      burst * (1 - p23) + lostInBurst * p32,
      gap * p13 + burst * p23 + lostInBurst * (1 - p31 - p32),
      gap * p14,
    ];
  }
  return lostInBurst + lostInGap;
}
