import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { analyze } from '../../src/analysis/analyze.js';
import type { Event } from '../../src/recording/events.js';
import { type Scenario, scenarioSchema } from '../../src/scenario/schema.js';
import { type Simulation, simulate, targets } from '../fixtures/recording.js';
import { SCENARIO } from '../fixtures/scenario.js';

const MS = 1e6;

/** Cut at 2 s, back after `outage`, cleared at 6 s. */
const drill = (outage: number, more: Partial<Simulation> = {}): Simulation => ({
  passes: (at) => at < 2000 * MS || at >= 2000 * MS + outage,
  faults: [
    { action: 'inject', before: 2000 * MS - 1000, after: 2000 * MS },
    { action: 'clear', before: 6000 * MS, after: 6000 * MS + 1000 },
  ],
  ...more,
});

test('the same events give the same result', () => {
  const events = simulate(drill(300 * MS));
  expect(JSON.stringify(analyze(events))).toBe(JSON.stringify(analyze(structuredClone(events))));
});

test.each([
  [300 * MS, '< 1s', 'pass'],
  [1200 * MS, '< 1s', 'fail'],
  [1000 * MS, '< 1s', 'inconclusive'],
] as const)('an outage of %d ns against %s: %s', (outage, limit, verdict) => {
  const result = analyze(simulate(drill(outage, { scenario: targets(`recovery_time(app) ${limit}`) })));
  expect(result.verdict).toBe(verdict);
  expect(result.targets[0]!.verdict).toBe(verdict);
});

describe('detection is never inferred from loss', () => {
  const scenario = {
    ...targets('detection_time(noticed) < 1s'),
    watches: { noticed: { kind: 'route', node: 'a', prefix: 'default', via: 'x' } },
  } as Partial<Scenario>;
  test('a watch that saw nothing fails the target', () => {
    const { verdict, targets } = analyze(simulate(drill(300 * MS, { scenario })));
    expect({ verdict, missing: targets[0]!.measured!.missing }).toEqual({
      verdict: 'fail',
      missing: 'not observed',
    });
  });

  test('its first signal after the event counts, with both brackets in the bounds', () => {
    const signals = [1500, 2310, 2500].map((ms) => ({
      watch: 'noticed',
      before: ms * MS,
      after: ms * MS + 1000,
    }));
    const { verdict, targets } = analyze(simulate(drill(300 * MS, { scenario, signals })));
    expect(verdict).toBe('pass');
    expect(targets[0]!.measured).toMatchObject({ lower: 310 * MS, upper: 310 * MS + 2000 });
  });

  test('a signal that says "no longer" does not count', () => {
    const signals = [{ watch: 'noticed', before: 2100 * MS, after: 2100 * MS, active: false }];
    expect(analyze(simulate(drill(300 * MS, { scenario, signals }))).verdict).toBe('fail');
  });
});

describe('the instruments watch themselves', () => {
  const verdictOf = (
    more: Partial<Simulation>,
    change: (events: ReturnType<typeof simulate>) => ReturnType<typeof simulate> = (events) => events,
  ) => {
    const { verdict, reason, trials } = analyze(
      change(simulate(drill(300 * MS, { scenario: targets('recovery_time(app) < 1s'), ...more }))),
    );
    return { verdict, reason, valid: trials[0]!.valid };
  };

  test('a sender that is late too often', () => {
    const { verdict, reason, valid } = verdictOf({ lateness: (number) => (number % 10 === 0 ? 12 * MS : 0) });
    expect({ verdict, valid }).toEqual({ verdict: 'inconclusive', valid: false });
    expect(reason).toContain('sent 20.0 % of its packets later than its interval');
  });

  test('packets that this machine dropped', () => {
    const { verdict, reason } = verdictOf({}, (events) =>
      events.map((event) => (event.k === 'prober' && event.t > 3000 * MS ? { ...event, dropped: 3 } : event)),
    );
    expect({ verdict, reason }).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('dropped 3 packets'),
    });
  });

  test('a probing thread that fell silent', () => {
    const { verdict, reason } = verdictOf({}, (events) =>
      events.filter((event) => !(event.k === 'prober' && event.t > 3000 * MS && event.t < 7000 * MS)),
    );
    expect({ verdict, reason }).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('silent for 4.0 s'),
    });
  });

  test('a machine so busy that a daemon may have had to wait', () => {
    const links = () => ({});
    const { verdict, reason } = verdictOf({ links }, (events) =>
      events
        .filter((event) => !(event.k === 'links' && event.from > 5000 * MS && event.from < 5250 * MS))
        .map((event) =>
          event.k === 'links' && event.from === 5260 * MS ? { ...event, from: 5020 * MS } : event,
        ),
    );
    expect({ verdict, reason }).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('had to wait 0.26 s for a processor'),
    });
    expect(verdictOf({ links }).verdict).toBe('pass');
  });

  describe('a packet that was overtaken', () => {
    const delay = (at: number, stream: number) =>
      stream === 0 && at >= 5000 * MS && at < 5005 * MS ? 12 * MS : MS;
    const standing = (from: number, length: number) =>
      verdictOf({ delay }, ([first, ...events]) => [
        first!,
        { k: 'standstills', t: from + length, processor: 1, periods: [[from, from + length]] },
        ...events,
      ]);

    test('counts against the lab where all processors worked', () => {
      expect(verdictOf({ delay })).toMatchObject({ verdict: 'fail', valid: true });
      expect(verdictOf({}).verdict).toBe('pass');
    });

    test('not where one stood still meanwhile', () => {
      expect(standing(5003 * MS, 9 * MS)).toMatchObject({
        verdict: 'inconclusive',
        reason: expect.stringContaining(
          'was overtaken while a processor of this machine stood still for 9.0 ms',
        ),
      });
    });

    test('nor does it explain what was held for much longer than that', () => {
      const held = (at: number, stream: number) =>
        stream === 0 && at >= 5000 * MS && at < 5005 * MS ? 60 * MS : MS;
      const { verdict } = verdictOf({ delay: held }, ([first, ...events]) => [
        first!,
        { k: 'standstills', t: 5012 * MS, processor: 1, periods: [[5003 * MS, 5012 * MS]] },
        ...events,
      ]);
      expect(verdict).toBe('fail');
    });

    test('nor does it explain what the network does all the time', () => {
      const jitter = (at: number, stream: number) =>
        stream === 0 && (at / (5 * MS)) % 20 < 1 ? 12 * MS : MS;
      const { verdict } = verdictOf(
        { delay: (at, stream) => (at > 4000 * MS ? jitter(at, stream) : MS) },
        ([first, ...events]) => [
          first!,
          { k: 'standstills', t: 5200 * MS, processor: 0, periods: [[5003 * MS, 5013 * MS]] },
          ...events,
        ],
      );
      expect(verdict).toBe('fail');
    });

    test('but where that was too short, before or after', () => {
      expect(standing(5003 * MS, 2.5 * MS).verdict).toBe('fail');
      expect(standing(4900 * MS, 90 * MS).verdict).toBe('fail');
      expect(standing(5030 * MS, 90 * MS).verdict).toBe('fail');
    });
  });

  describe('packets that were lost', () => {
    /** Those that were sent in a time of 60 ms, while processors stood still so, and others. */
    const losing = (
      standstills: [processor: number, from: number, length: number][],
      others: (at: number) => boolean = () => false,
    ) =>
      verdictOf(
        { passes: (at) => !(at >= 5000 * MS && at < 5060 * MS) && !others(at) },
        ([first, ...events]) => [
          first!,
          ...standstills.map(
            ([processor, from, length]): Event => ({
              ...{ k: 'standstills', t: (from + length) * MS, processor },
              periods: [[from * MS, (from + length) * MS]],
            }),
          ),
          ...events,
        ],
      );

    test('count against the lab where all processors worked', () => {
      expect(losing([])).toMatchObject({ verdict: 'fail', valid: true });
    });

    test('not where one hardly worked meanwhile', () => {
      const half = losing([
        [1, 4980, 40],
        [1, 5030, 15],
      ]);
      expect(half).toMatchObject({
        verdict: 'inconclusive',
        reason: expect.stringContaining(
          'packets of the probe app were lost while a processor of this machine stood still for 55.0 ms of 100.0 ms',
        ),
      });
    });

    test('but where it worked for most of the time, or stood still at another one', () => {
      const verdicts = [
        losing([[1, 4980, 45]]),
        losing([
          [0, 4980, 30],
          [1, 5010, 30],
        ]),
        losing([
          [1, 4900, 30],
          [1, 5020, 30],
        ]),
        losing([[1, 5200, 90]]),
        losing([[1, 4850, 90]]),
      ].map(({ verdict }) => verdict);
      expect(verdicts).toEqual(verdicts.map(() => 'fail'));
    });

    test('nor does it explain what the network does all the time, or for long', () => {
      const often = (at: number) => at > 4000 * MS && at % (300 * MS) < 6 * MS;
      expect(losing([[1, 5000, 90]], often).verdict).toBe('fail');
      const long = (at: number) => at >= 5000 * MS && at < 5250 * MS;
      expect(losing([[1, 5000, 90]], long).verdict).toBe('fail');
    });
  });

  test('losses before the first fault', () => {
    const { verdict, reason } = verdictOf({ passes: (at) => at < 500 * MS || at > 600 * MS });
    expect({ verdict, reason }).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('lost packets before the first fault'),
    });
  });

  test('what was on its way when the fault came is not lost before it, however long its way', () => {
    const lostFrom = (at: number, delay: number) =>
      verdictOf({
        passes: (sentAt) => sentAt < at || sentAt > 2300 * MS,
        delay: () => delay,
        scenario: targets('packets_lost(app) > 0'),
      }).valid;
    expect(lostFrom(1750 * MS, 300 * MS)).toBe(true);
    expect(lostFrom(1650 * MS, 300 * MS)).toBe(false);
    expect(lostFrom(1750 * MS, MS)).toBe(false);
  });
});

describe('a drill that did not go as planned', () => {
  const scenario = targets('recovery_time(app) < 1s');
  test('one that was killed is not decided, but what was seen of it is shown', () => {
    const result = analyze(simulate(drill(300 * MS, { scenario, killed: true })));
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      outcome: 'killed',
      reason: 'the recording ends in the middle of the drill',
    });
    expect(result.trials[0]!.series[0]!.impaired.some((count) => count > 0)).toBe(true);
  });

  test.each([
    [
      'not restored',
      { k: 'steady', t: 9e9, when: 'after', since: 9e9, failed: 'app loses nothing for 5s (loses 3 %)' },
      'fail',
      'not restored: app loses nothing for 5s (loses 3 %)',
    ],
    [
      'never steady',
      { k: 'steady', t: 9e9, when: 'before', since: 9e9, failed: 'no' },
      'fail',
      'the steady state was never reached: no',
    ],
    [
      'a check that failed',
      { k: 'check', t: 9e9, condition: 'app travels over b', met: false },
      'fail',
      'check failed: app travels over b',
    ],
    [
      'aborted',
      { k: 'abort', t: 9e9, reason: 'app loses more than 50% for 5s' },
      'fail',
      'aborted: app loses more than 50% for 5s',
    ],
    [
      'a fault without proof',
      { k: 'problem', t: 9e9, text: 'the fault had no effect' },
      'inconclusive',
      'the fault had no effect',
    ],
  ] as const)('%s', (_, event, verdict, reason) => {
    const events = simulate(drill(300 * MS, { scenario }));
    events.splice(-2, 0, event);
    expect(analyze(events)).toMatchObject({ verdict, reason: expect.stringContaining(reason) });
  });

  test('a recording without its beginning', () => {
    expect(() => analyze(simulate(drill(0)).slice(0, 1))).toThrow('the recording ends before');
  });
});

describe('reversion', () => {
  const PRIMARY = 'a:eth1 <-> b:eth1';
  const BACKUP = 'a:eth2 <-> b:eth2';
  /** 800 packets a second: 16 in a bin of 20 ms. */
  const onBackup = (from: number, to: number) => (at: number) =>
    (at >= from && at < to ? { [BACKUP]: [8, 8] } : { [PRIMARY]: [8, 8] }) as Record<
      string,
      [number, number]
    >;
  const scenario = targets('reversion_time(app) < 200ms', 'time_to_reversion(app) < 5s');

  test('losses between the clearing and the return, and how long that took', () => {
    const passes = (at: number) => (at < 2000 * MS || at >= 2300 * MS) && (at < 7000 * MS || at >= 7050 * MS);
    const result = analyze(simulate(drill(0, { passes, scenario, links: onBackup(2300 * MS, 7000 * MS) })));
    const [lost, took] = result.targets.map(({ measured }) => measured!);
    expect(lost!.value / MS).toBeCloseTo(50, -1);
    expect(took!.lower).toBeLessThan(1000 * MS);
    expect(took!.upper).toBeGreaterThan(1000 * MS);
    expect(took!.upper - took!.lower).toBeLessThan(150 * MS);
    expect(result.lab).toMatchObject({ primary: [PRIMARY], backup: [BACKUP], after: [PRIMARY] });
  });

  test('a probe that cannot be told from another has no path, and no figure', () => {
    const two = scenarioSchema.parse(parse(SCENARIO.replace(/( +)app: (.*)/, '$&\n$1other: $2')));
    const options = { scenario: { ...two, ...scenario }, links: onBackup(2300 * MS, 7000 * MS) };
    const events = simulate(drill(300 * MS, options)).flatMap((event): Event[] => {
      if (event.k === 'probes') return [{ ...event, probes: { ...event.probes, other: event.probes.app! } }];
      return event.k === 'packets' ? [event, { ...event, p: 'other' }] : [event];
    });
    const { targets, measured } = analyze(events);
    expect(targets.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
    expect(measured.filter(({ metric }) => /revers/.test(metric))).toEqual([]);
  });

  test('traffic that stays on the backup fails', () => {
    const result = analyze(simulate(drill(300 * MS, { scenario, links: onBackup(2300 * MS, 99_000 * MS) })));
    expect(result.targets.map(({ verdict, measured }) => [verdict, measured!.missing])).toEqual([
      ['fail', 'not reverted'],
      ['inconclusive', 'not reverted'],
    ]);
    expect(result.lab).toMatchObject({ primary: [PRIMARY], backup: [BACKUP], after: [BACKUP] });
  });
});
