import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repeatTrial } from '../../bench/repeat.js';
import { analyze } from '../../src/analysis/analyze.js';
import { DrillData } from '../../src/analysis/drill-data.js';
import { judgeTrial } from '../../src/analysis/judged-trial.js';
import { packageFile } from '../../src/paths.js';
import type { Event } from '../../src/recording/events.js';
import { readRecording } from '../../src/recording/reader.js';
import { simulateTrials } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const MS = 1e6;

const instantOf = (event: Event): number =>
  't' in event ? event.t : 'after' in event && typeof event.after === 'number' ? event.after : -1;

/** A recording that repeats the second of three trials, interrupted for 300 ms, up to a size. */
function long(bytes: number): { path: string; trials: number } {
  // In the order in which a drill writes them.
  const events = simulateTrials(
    [200, 300, 400].map((outage) => outage * MS),
    { flows: 16 },
  ).sort((a, b) => instantOf(a) - instantOf(b));
  const path = join(temporaryFolder(), 'recording.ndjson');
  return { path, trials: repeatTrial(events, { trial: 2, bytes, to: path }) };
}

test('trials that are judged and forgotten while reading come to the same as with everything at hand', () => {
  const { path, trials } = long(2e6);
  expect(trials).toBeGreaterThan(6);
  const result = analyze(readRecording(path));
  expect(result.trials.filter(({ valid }) => valid)).toHaveLength(trials);
  const data = new DrillData();
  for (const event of readRecording(path)) data.add(event);
  data.close();
  const whole = data.trials.map((trial) => judgeTrial(data, trial).result);
  expect(result.trials).toEqual(whole);
  const figures = result.targets[0]!.trials.map(({ measurement }) => Math.round(measurement.value / MS));
  expect(figures).toEqual(Array(trials).fill(300));
});

test('trials of different lengths of outage keep their own figures', () => {
  const outages = [100, 900, 200, 700, 300, 400];
  const { targets } = analyze(simulateTrials(outages.map((outage) => outage * MS)));
  expect(targets[0]!.trials.map(({ measurement }) => Math.round(measurement.value / MS))).toEqual(outages);
});

test('a recording eight times as long takes hardly more memory', () => {
  /** Most memory that judging has in use, bytes, in a process of its own: what is garbage is collected before each look. */
  const memoryFor = (path: string) => {
    const script = `
      const { analyze, readRecording } = await import(${JSON.stringify(packageFile('dist/index.js'))});
      let [events, most] = [0, 0];
      function* watched() {
        for (const event of readRecording(process.argv[1])) {
          if (++events % 500 === 0) {
            gc();
            const { heapUsed, arrayBuffers } = process.memoryUsage();
            most = Math.max(most, heapUsed + arrayBuffers);
          }
          yield event;
        }
      }
      const { trials } = analyze(watched());
      console.log(JSON.stringify([trials.length, most]));`;
    const argv = ['--expose-gc', '--input-type=module', '--eval', script, path];
    return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as [number, number];
  };
  const [small, large] = [long(4e6), long(32e6)];
  const [[few, little], [many, much]] = [memoryFor(small.path), memoryFor(large.path)];
  expect([few, many]).toEqual([small.trials, large.trials]);
  expect(statSync(large.path).size).toBeGreaterThan(30e6);
  // Everything at hand took 17 bytes a packet, and a packet is 8 bytes of such a recording: 60 MB more.
  expect((much - little) / 1e6).toBeLessThan(40);
}, 120_000);

test('no trial at all: inconclusive, and no report fails', async () => {
  const before = ['trial', 'steady', 'step', 'fault', 'trial-end'];
  const events: Event[] = simulateTrials([300 * MS]).filter(({ k }) => !before.includes(k));
  const result = analyze(events);
  expect(result).toMatchObject({ verdict: 'inconclusive', reason: '0 of 1 trials are valid', trials: [] });
  const { reports } = await import('../../src/report/registry.js');
  for (const format of Object.values(reports)) expect(await format.render(result)).not.toBe('');
});
