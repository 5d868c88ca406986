import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.js';
import type { DrillData, ProbeTrack, Trial } from '../../src/analysis/drill-data.js';
import { goodput, lowestGoodput } from '../../src/analysis/metrics/goodput.js';
import { retransmissions, tcpEfficiency } from '../../src/analysis/metrics/tcp-senders.js';
import { refusalsOf } from '../../src/analysis/refusals.js';
import { TransferTrack } from '../../src/analysis/transfer.js';
import { transfersOf } from '../../src/analysis/transfer-series.js';
import type { SessionEvent, TransferData, Way } from '../../src/probes/probe.js';
import { reports } from '../../src/report/registry.js';
import { simulate, targets } from '../fixtures/recording.js';

const MS = 1e6;

/** A stream with bins that end at given milliseconds, the first beginning at 0. */
function track(ends: readonly number[], bins: Partial<TransferData>, way: Way = 'there', flow = 0) {
  const made = new TransferTrack({ flow, way });
  made.add({ from: 0, at: ends.map((end) => end * MS), received: ends.map(() => 0), ...bins });
  return made;
}

/** Ends of bins of 20 ms up to 10 s. */
const REGULAR = Array.from({ length: 500 }, (_, bin) => (bin + 1) * 20);

/** A stream of 10 Mbit/s (25000 bytes a bin), with what arrives in a bin changed by an instant in milliseconds. */
const steady = (bytes: (from: number) => number = () => 25_000, way: Way = 'there', flow = 0) =>
  track(REGULAR, { received: REGULAR.map((end) => bytes(end - 20)) }, way, flow);

function question(
  transfers: TransferTrack[],
  { before = 3001, after = 3001, to = 9000, sessions = [] as SessionEvent[] } = {},
) {
  const probe = { id: 'copy', transfers, sessions, refusals: [] } as unknown as ProbeTrack;
  const fault = { fault: 'cut', action: 'inject', before: before * MS, after: after * MS };
  const trial = { from: 0, to: to * MS, steps: [], faults: [fault] } as unknown as Trial;
  return {
    data: { probes: new Map([['copy', probe]]) } as unknown as DrillData,
    trial,
    subjects: ['copy'],
    probe,
  };
}

describe('goodput', () => {
  test('is what arrived over the time since the event; the bins at the ends are its error', () => {
    const [measured] = goodput.measure(question([steady()]));
    expect(measured!.value).toBeCloseTo(10e6, -3);
    expect(measured).toMatchObject({ of: 'there' });
    // 5999 ms hold 299 whole bins, and a part of another.
    expect(measured!.lower).toBeCloseTo((299 * 25_000 * 8) / 5.999, -2);
    expect(measured!.upper).toBeCloseTo((300 * 25_000 * 8) / 5.999, -2);
  });

  test('of flows together, and of each direction apart', () => {
    const all = [steady(), steady(() => 5000, 'there', 1), steady(() => 2500, 'back')];
    const [there, back] = goodput.measure(question(all, { before: 3000, after: 3000 }));
    expect(there).toEqual({ value: 12e6, lower: 12e6, upper: 12e6, of: 'there' });
    expect(back).toEqual({ value: 1e6, lower: 1e6, upper: 1e6, of: 'back' });
  });

  test('an event whose instant is not known exactly widens the bounds', () => {
    const [measured] = goodput.measure(question([steady()], { before: 3000, after: 3100 }));
    expect(measured!.lower).toBeCloseTo((5.9 * 10e6) / 6, -3);
    expect(measured!.upper).toBeCloseTo((6 * 10e6) / 5.9, -3);
  });

  test('is not measured where bins are missing, at the end or between', () => {
    expect(goodput.measure(question([steady()], { to: 10_001 }))).toEqual([]);
    const gap = track([2000, 4000], {});
    gap.add({ from: 4100 * MS, at: [10_000 * MS], received: [0] });
    expect(goodput.measure(question([gap]))).toEqual([]);
    expect(goodput.measure(question([new TransferTrack({ flow: 0, way: 'there' })]))).toEqual([]);
  });

  test('bins that may have been earlier count for less and for more', () => {
    const early = track(REGULAR, { received: REGULAR.map(() => 25_000), early: 50 * MS });
    const [measured] = goodput.measure(question([early], { before: 3000, after: 3000 }));
    // A bin reaches from 70 ms before its end on: 297 of them lie within, 303 may.
    expect(measured!.lower).toBeLessThanOrEqual((298 * 25_000 * 8) / 6);
    expect(measured!.upper).toBeGreaterThanOrEqual((302 * 25_000 * 8) / 6);
  });
});

describe('lowest goodput', () => {
  test('is that of the worst second, wherever it begins', () => {
    // 700 ms without anything, across whole seconds of the clock.
    const silent = (from: number) => (from >= 4700 && from < 5400 ? 0 : 25_000);
    const [measured] = lowestGoodput.measure(question([steady(silent)]));
    expect(measured!.value).toBeCloseTo(3e6, -3);
    expect(measured!.lower).toBeLessThanOrEqual(3e6);
    expect(measured!.lower).toBeGreaterThan(2.5e6);
    expect(measured!.upper).toBeGreaterThanOrEqual(3e6);
    expect(measured!.upper).toBeLessThan(3.3e6);
  });

  test('is not that of a second before the event, and needs one after it', () => {
    const silent = (from: number) => (from < 3000 ? 0 : 25_000);
    expect(lowestGoodput.measure(question([steady(silent)]))[0]!.value).toBeGreaterThan(9.9e6);
    expect(lowestGoodput.measure(question([steady()], { to: 3900 }))).toEqual([]);
  });
});

test('whatever arrives, and however long bins are, the truth lies within the bounds', () => {
  const bins = fc
    .array(fc.record({ length: fc.integer({ min: 5, max: 90 }), bytes: fc.nat(50_000) }), {
      minLength: 60,
      maxLength: 120,
    })
    // Room for a second, and for an event before it.
    .filter((bins) => bins.reduce((sum, { length }) => sum + length, 0) > 1300);
  fc.assert(
    fc.property(
      bins,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (bins, [share, at, late]) => {
        let end = 0;
        const ends = bins.map(({ length }) => (end += length));
        // All bytes of a bin are given to the application at one instant of it, after its beginning, which is the end of the one before.
        const arrivals = bins.map(({ length, bytes }, index) => ({
          at: ends[index]! - length * 0.999 * share!,
          bytes,
        }));
        const event = at! * (end - 1200);
        const after = event + late! * 50;
        const made = track(ends, { received: bins.map(({ bytes }) => bytes) });
        const asked = question([made], { before: event, after, to: end });
        const arrived = (from: number, to: number) =>
          arrivals
            .filter((arrival) => arrival.at > from && arrival.at <= to)
            .reduce((sum, { bytes }) => sum + bytes, 0);
        const within = (value: number, { lower, upper }: { lower: number; upper: number }) => {
          expect(value).toBeGreaterThanOrEqual(lower * (1 - 1e-9));
          expect(value).toBeLessThanOrEqual(upper * (1 + 1e-9));
        };
        const t0 = (event + after) / 2;
        within((arrived(t0, end) * 8e3) / (end - t0), goodput.measure(asked)[0]!);
        const starts = Array.from({ length: 200 }, (_, index) => t0 + ((end - 1000 - t0) * index) / 199);
        const least = Math.min(...starts.map((start) => arrived(start, start + 1000) * 8));
        // The least of all seconds begins with the event or as something has just arrived.
        const candidates = [t0, ...arrivals.map(({ at }) => at).filter((at) => at > t0 && at <= end - 1000)];
        const all = Math.min(...candidates.map((start) => arrived(start, start + 1000) * 8));
        within(all, lowestGoodput.measure(asked)[0]!);
        expect(least).toBeGreaterThanOrEqual(lowestGoodput.measure(asked)[0]!.lower * (1 - 1e-9));
      },
    ),
  );
});

describe('what the senders did', () => {
  const sender = track(REGULAR, {
    received: REGULAR.map(() => 25_000),
    sent: REGULAR.map(() => 25_000),
    // Two bins with retransmissions, and one that holds the event.
    resent: REGULAR.map((end) => (end === 5000 || end === 6000 ? 5000 : end === 3020 ? 2500 : 0)),
    retransmissions: REGULAR.map((end) => (end === 5000 || end === 6000 ? 4 : end === 3020 ? 2 : 0)),
  });

  test('retransmissions: surely those of whole bins, possibly those of the bin with the event', () => {
    expect(retransmissions.measure(question([sender], { before: 3010, after: 3010 }))).toEqual([
      { value: 9, lower: 8, upper: 10, of: 'there' },
    ]);
  });

  test('efficiency: what was not transmitted before, of what was transmitted', () => {
    const [exact] = tcpEfficiency.measure(question([sender], { before: 4000, after: 4000 }));
    expect(exact).toEqual({
      value: 1 - 10_000 / 6.25e6,
      lower: 1 - 10_000 / 6.25e6,
      upper: 1 - 10_000 / 6.25e6,
      of: 'there',
    });
    const [wide] = tcpEfficiency.measure(question([sender], { before: 3010, after: 3010 }));
    expect(wide!.lower).toBeLessThan(wide!.value);
    expect(wide!.upper).toBeGreaterThan(wide!.value);
  });

  test('efficiency has no value where nothing was sent', () => {
    expect(tcpEfficiency.measure(question([steady()]))).toEqual([]);
  });
});

test('the timeline: bits a second in bins of at least 100 ms, where it was sent again, the slowest round trip', () => {
  const made = track(REGULAR, {
    received: REGULAR.map((end) => (end <= 5000 ? 25_000 : 0)),
    retransmissions: REGULAR.map((end) => (end === 5000 ? 3 : 0)),
    rtt: REGULAR.map((end) => (end <= 5000 ? 700 : 0)),
  });
  const { probe, trial } = question([made], { to: 10_000 });
  const [series] = transfersOf(probe, trial);
  expect(series).toMatchObject({ probe: 'copy', way: 'there', bin: 100 * MS });
  expect(series!.goodput).toEqual(Array.from({ length: 100 }, (_, index) => (index < 50 ? 10e6 : 0)));
  expect(series!.retransmissions!.reduce((sum, count) => sum + count)).toBe(3);
  expect(series!.rtt[10]).toBe(700_000);
  expect(series!.rtt.at(-1)).toBeNull();
});

test('connections that broke are said once for each reason, with how often and when', () => {
  const event = (what: SessionEvent['what'], at: number, detail: string) => ({
    session: 0,
    connection: 1,
    what,
    at: at * MS,
    detail,
  });
  const { probe, trial } = question([steady()], {
    sessions: [
      event('connected', 0, 'x'),
      event('broken', 4000, 'ETIMEDOUT'),
      event('refused', 4100, 'timeout'),
      event('refused', 5200, 'timeout'),
      event('connected', 6000, 'x'),
    ],
  });
  expect(refusalsOf(probe, trial)).toEqual([
    { probe: 'copy', why: 'connection broken (ETIMEDOUT)', count: 1, from: 4000 * MS, to: 4000 * MS },
    { probe: 'copy', why: 'connection refused (timeout)', count: 2, from: 4100 * MS, to: 5200 * MS },
  ]);
});

describe('a drill with a transfer', () => {
  const drill = (...limits: string[]) =>
    analyze(
      simulate({
        passes: () => true,
        // 8 Mbit/s, and nothing for a second and a half from the fault on.
        transfer: (from) => (from >= 3000 * MS && from < 4500 * MS ? 0 : 20_000),
        faults: [
          { action: 'inject', before: 3000 * MS, after: 3000.2 * MS },
          { action: 'clear', before: 6000 * MS, after: 6000.2 * MS },
        ],
        scenario: targets(...limits),
      }),
    );

  test('is judged by what arrived from the event to the next step', () => {
    const { targets, verdict } = drill(
      'goodput(copy) < 4.1mbit',
      'goodput(copy) > 3.9mbit',
      'goodput(copy after clear cut) > 7.9mbit',
      'lowest_goodput(copy) = 0bit',
      'lowest_goodput(copy after clear cut) > 7.5mbit',
      'retransmissions(copy) = 0',
      'tcp_efficiency(copy) = 100%',
    );
    expect(targets.map(({ text, verdict }) => `${verdict}: ${text}`)).toEqual(
      targets.map(({ text }) => `pass: ${text}`),
    );
    expect(verdict).toBe('pass');
  });

  test('fails where too little arrived, and is undecided within the error', () => {
    expect(drill('lowest_goodput(copy) > 1mbit').verdict).toBe('fail');
    expect(drill('goodput(copy) > 5mbit').verdict).toBe('fail');
    expect(drill('goodput(copy after clear cut) > 8mbit').verdict).toBe('inconclusive');
  });

  test('is not valid where the thread of the transfer was kept from serving it', () => {
    const events = simulate({
      passes: () => true,
      transfer: () => 20_000,
      scenario: targets('packets_lost(app) = 0'),
    });
    expect(analyze(events).verdict).toBe('pass');
    const late = events.map((event) =>
      event.k === 'transfer'
        ? { ...event, at: event.at.map((at, bin) => (bin >= 100 ? at + 300 * MS : at)) }
        : event,
    );
    expect(analyze(late)).toMatchObject({
      verdict: 'inconclusive',
      reason: '0 of 1 trials are valid: the transfer copy was not served for 0.32 s',
    });
  });

  test('is in the reports, with its chart', () => {
    const result = drill('lowest_goodput(copy) > 1mbit');
    expect(result.lab.primary).toEqual([]);
    const page = reports.html.render(result);
    expect(page).toContain('class="goodput"');
    expect(page).toContain('goodput there');
    expect(page).toContain('The worst second of copy delivered 0 bit/s; allowed is &gt; 1 Mbit/s.');
    expect(reports.markdown.render(result)).toContain('| lowest\\_goodput | copy | 1 | 0 bit/s |');
  });
});
