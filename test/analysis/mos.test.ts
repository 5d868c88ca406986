import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import { codecs, opinionScore, rating } from '../../src/analysis/e-model.js';
import { simulate, targets, type World } from '../fixtures/recording.js';

const MS = 1e6;

// ITU-T G.107, annex B: rating and mean opinion score.
test.each([
  [93.2, 4.41],
  [90, 4.34],
  [80, 4.03],
  [70, 3.6],
  [60, 3.1],
  [50, 2.58],
  [0, 1],
  [-10, 1],
  [100, 4.5],
])('a rating of %d is a score of %d', (of, score) => {
  expect(Math.abs(opinionScore(of) - score)).toBeLessThan(0.01);
});

test.each([
  ['nothing is wrong', { delay: 0, loss: 0, burst: 1 }, 93.2],
  // 0.024 * 100; and 0.024 * 250 + 0.11 * 72.7
  ['100 ms', { delay: 100 * MS, loss: 0, burst: 1 }, 90.8],
  ['250 ms', { delay: 250 * MS, loss: 0, burst: 1 }, 79.203],
  // 95 * 1 / (1 + 25.1); and in runs of twice the length 95 * 5 / (5 / 2 + 25.1)
  ['1 % at random', { delay: 0, loss: 0.01, burst: 1 }, 89.56],
  ['5 % in runs', { delay: 0, loss: 0.05, burst: 2 }, 75.99],
])('%s', (_, heard, expected) => {
  expect(rating({ ...codecs.g711, ...heard })).toBeCloseTo(expected, 2);
});

test('G.729 is worse from the start', () => {
  expect(rating({ ...codecs.g729, delay: 0, loss: 0, burst: 1 })).toBeCloseTo(82.2, 5);
});

describe('of a call', () => {
  const call = {
    kind: 'voip',
    from: 'a',
    to: 'b',
    calls: 1,
    codec: 'g711',
    'jitter-buffer': 60 * MS,
  } as const;
  const score = (world: Partial<World>) => {
    const events = simulate({
      faults: [{ fault: 'cut', action: 'inject', before: 5000 * MS, after: 5001 * MS }],
      passes: () => true,
      delay: () => 30 * MS,
      ...world,
      scenario: { ...targets('mos(app) > 3.6'), probes: { app: call } },
    });
    const probes = events.find((event) => event.k === 'probes');
    if (probes?.k === 'probes') probes.probes.app!.families = ['packets', 'one-way', 'voice'];
    return analyze(events).targets[0]!.measured!.value;
  };
  const expected = (loss: number, burst: number, delay = 30) =>
    opinionScore(rating({ ...codecs.g711, delay: (delay + 60 + 20) * MS, loss, burst }));

  test('undisturbed', () => {
    expect(score({})).toBeCloseTo(expected(0, 1), 5);
  });

  test('the worst window counts: half a second of silence in five', () => {
    const got = score({ passes: (at) => at < 6000 * MS || at >= 6500 * MS });
    // One run of a tenth of the packets, however many that are.
    expect(got).toBeLessThan(expected(0.1, 1));
    expect(got).toBeGreaterThan(expected(0.105, 1000));
  });

  test('what comes too late for the buffer is lost', () => {
    const late = (at: number) => at > 5500 * MS && Math.floor(at / (100 * MS)) % 10 === 0;
    const got = score({ delay: (at) => (late(at) ? 30 + 61 : 30) * MS });
    expect(got).toBeLessThan(expected(0.03, 1));
    expect(score({ delay: (at) => (late(at) ? 30 + 59 : 30) * MS })).toBeCloseTo(expected(0, 1), 5);
  });

  test('a way that becomes longer costs what is left of a second, one that becomes shorter nothing', () => {
    const since = (at: number) => at >= 6500 * MS;
    const longer = score({ delay: (at) => (since(at) ? 200 : 30) * MS });
    // Half a second in five.
    expect(longer).toBeLessThan(expected(0.09, 1, 100));
    expect(longer).toBeGreaterThan(expected(0.21, 1000, 200));
    const shorter = score({ delay: (at) => (since(at) ? 30 : 200) * MS });
    expect(shorter).toBeCloseTo(expected(0, 1, 200), 5);
  });

  test('a longer way is heard as such, not as loss', () => {
    expect(score({ delay: () => 230 * MS })).toBeCloseTo(expected(0, 1, 230), 5);
  });

  describe('with Opus, of which there is no score', () => {
    const shares = (world: Partial<World>) => {
      const events = simulate({
        faults: [{ fault: 'cut', action: 'inject', before: 5000 * MS, after: 5001 * MS }],
        passes: () => true,
        delay: () => 30 * MS,
        ...world,
        scenario: { ...targets('voice_loss(app) < 2%'), probes: { app: { ...call, codec: 'opus' } } },
      });
      const probes = events.find((event) => event.k === 'probes');
      if (probes?.k === 'probes') probes.probes.app!.families = ['packets', 'one-way', 'voice'];
      const { targets: judged, measured } = analyze(events);
      expect(measured.map(({ metric }) => metric)).not.toContain('mos');
      return judged[0]!.measured!.value;
    };

    test('what was not played counts: nothing, what was lost, what was late', () => {
      expect(shares({})).toBe(0);
      expect(shares({ passes: (at) => at < 6000 * MS || at >= 6500 * MS })).toBeCloseTo(0.1, 2);
      const late = (at: number) => at > 5500 * MS && Math.floor(at / (100 * MS)) % 10 === 0;
      expect(shares({ delay: (at) => (late(at) ? 30 + 61 : 30) * MS })).toBeCloseTo(0.06, 2);
      expect(shares({ delay: (at) => (late(at) ? 30 + 59 : 30) * MS })).toBe(0);
    });
  });
});
