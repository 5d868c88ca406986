import { expect, test } from 'vitest';
import { parseImplication } from '../../src/scenario/implication.js';
import { loadScenario } from '../../src/scenario/load.js';
import { SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';

test.each([
  ['detection_time(reroute) 200ms to 300ms', 200e6, 300e6],
  ['  detection_time( reroute after cut )  1 s to 1s ', 1e9, 1e9],
  ['recovery_time(app) at least 2s', 2e9, undefined],
  ['sessions_survived(login) at most 50 %', undefined, 0.5],
])('%s', (text, from, to) => {
  const read = parseImplication(text);
  if (typeof read === 'string') throw new Error(read);
  expect([read.atLeast?.value, read.atMost?.value]).toEqual([from, to]);
  expect(read.text).toBe(text.trim());
});

test.each([
  ['', 'cannot read ""; expected something like'],
  ['detection_time(reroute)', 'cannot read'],
  ['detection_time(reroute) < 300ms', 'cannot read'],
  ['detection_time(reroute) 300ms to', 'cannot read'],
  ['detection_time(reroute) max 1s to 2s', 'not a target'],
  ['detection_time(reroute) 3 parsecs to 2s', 'cannot read the limit "3 parsecs"'],
  ['detection_time(reroute) 300ms to 200ms', 'ends below where it begins'],
])('"%s" is refused', (text, message) => {
  expect(parseImplication(text)).toContain(message);
});

test('what it is about is checked against the scenario, with line and column', () => {
  const timers = (implies: string) =>
    `${SCENARIO}timers:\n  - timer: dead interval\n    value: 3 s\n    implies:\n      - ${implies}\n`;
  const load = (implies: string) =>
    loadScenario(writeScenario(temporaryFolder(), timers(implies))).scenario.timers[0];
  expect(load('recovery_time(app) 2s to 3s')).toMatchObject({ timer: 'dead interval', value: '3 s' });
  const line = timers('').split('\n').length - 1;
  expect(() => load('recovery_time(ap) 2s to 3s')).toThrow(
    new RegExp(`pair-cut\\.drill\\.yml:${line}:9: .*"ap".*did you mean "app"`),
  );
  expect(() => load('recovery_tim(app) 2s to 3s')).toThrow(/:9: .*did you mean "recovery_time"/);
  expect(() => load('recovery_time(app) 2 to 3')).toThrow(/limited by a duration/);
  expect(() => load('recovery_time(app) 2s bis 3s')).toThrow(/:9: cannot read/);
});
