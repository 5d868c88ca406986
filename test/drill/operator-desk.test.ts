import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { legible } from '../../src/drill/legible.js';
import { NotTaken, OperatorDesk } from '../../src/drill/operator-desk.js';
import { Recorder } from '../../src/drill/recorder.js';
import { Clock } from '../../src/linux/clock.js';
import type { OperatorAct } from '../../src/recording/events.js';
import { RecordingWriter } from '../../src/recording/writer.js';
import { temporaryFolder } from '../fixtures/scenario.js';

/** A desk of a drill that is in its first trial, and has asked one thing. */
function opened() {
  const clock = new Clock();
  const writer = new RecordingWriter(join(temporaryFolder(), 'recording.ndjson'));
  const recorder = new Recorder(writer, () => {});
  let aborted = 0;
  const desk = new OperatorDesk({ asks: true, abort: () => void aborted++ });
  recorder.add({ k: 'trial', t: clock.now(), trial: 1, attempt: 1 });
  const t = clock.now();
  recorder.add({ k: 'instruction', t, name: 'ticket', text: 'open a ticket', within: 1e9 });
  desk.open({ recorder, clock });
  onTestFinished(() => {
    desk.close();
    writer[Symbol.dispose]();
  });
  const say = (act: Partial<OperatorAct> & Pick<OperatorAct, 'act'>) =>
    desk.take({ who: 'ann', by: 'page', ...act });
  return { clock, recorder, desk, say, t, aborts: () => aborted };
}

test('an instruction is confirmed once, and no other one in its place', () => {
  const { desk, recorder, clock, say, t } = opened();
  expect(() => say({ act: 'confirm', instruction: t + 1 })).toThrow(NotTaken);
  say({ act: 'confirm', instruction: t });
  expect(desk.openInstruction).toBeUndefined();
  const next = clock.now();
  recorder.add({ k: 'instruction', t: next, name: 'next', text: 'next', within: 1e9 });
  // A second tab that still shows the first one.
  expect(() => say({ act: 'confirm', instruction: t })).toThrow('does not wait for an answer any more');
  expect(desk.openInstruction?.name).toBe('next');
});

test('evidence belongs to an instruction of this trial', () => {
  const { recorder, clock, say, t } = opened();
  say({ act: 'attach', instruction: t, evidence: { text: 'INC-17' } });
  recorder.add({ k: 'trial', t: clock.now(), trial: 2, attempt: 1 });
  expect(() => say({ act: 'attach', instruction: t, evidence: { text: 'INC-18' } })).toThrow(
    'not one of this trial',
  );
});

test.each<[string, Partial<OperatorAct> & Pick<OperatorAct, 'act'>]>([
  ['say who you are', { act: 'notice', who: ' \n ' }],
  ['a note needs a text', { act: 'note', text: ' ' }],
  ['there is nothing to attach', { act: 'attach' }],
])('%s', (why, act) => {
  const { say, recorder } = opened();
  expect(() => say(act)).toThrow(why);
  expect(recorder.data.trial!.acts).toEqual([]);
});

test('an abort is written down before it acts', () => {
  const { say, recorder, aborts } = opened();
  say({ act: 'abort', text: 'enough' });
  expect(recorder.data.trial!.acts).toMatchObject([{ act: 'abort', text: 'enough' }]);
  expect(aborts()).toBe(1);
});

test('after the drill nothing is taken', () => {
  const { say, desk } = opened();
  desk.close();
  expect(() => say({ act: 'notice' })).toThrow('no drill is running');
});

test('when something was done: not before the last word and the time since, by the clock of the page; nor after it came', async () => {
  const { desk, recorder, clock, t } = opened();
  const told = clock.now();
  await sleep(120);
  desk.take({ act: 'notice', who: 'ann', by: 'page' }, { told, since: 90e6 });
  const { before, after } = recorder.data.trial!.acts[0]!;
  expect(before).toBe(told + 89e6);
  expect(after).toBeGreaterThanOrEqual(told + 119e6);
  // What a page says that cannot be is not believed.
  for (const sight of [
    { told: clock.now() + 1e9, since: 0 },
    { told, since: 1e15 },
    { told: 0, since: 0 },
  ]) {
    desk.take({ act: 'confirm', who: 'ann', by: 'page', instruction: t }, sight);
    const last = recorder.data.trial!.acts.at(-1)!;
    expect(last.before).toBeGreaterThanOrEqual(t);
    expect(last.before).toBeLessThanOrEqual(last.after);
    const next = { k: 'instruction', t, name: 'again', text: 'again', within: 1e9 } as const;
    recorder.data.trial!.acts.length = 0;
    recorder.data.trial!.instructions.splice(0, 1, next);
  }
});

test('what came from nowhere that has a clock: not before everything had been handled that came before', async () => {
  const { desk, recorder, clock } = opened();
  await sleep(200);
  const before = clock.now();
  desk.take({ act: 'notice', who: 'ann', by: 'terminal' });
  const act = recorder.data.trial!.acts.at(-1)!;
  expect(act.before).toBeLessThan(before);
  expect(act.before).toBeGreaterThan(before - 190e6);
  expect(act.after).toBeGreaterThanOrEqual(before);
});

test.each([
  ['<b>"x"</b> & ü 😀', '<b>"x"</b> & ü 😀'],
  ['a\n\tb', 'a b'],
  ['\u001b[31mred\u0007', '␛[31mred␇'],
  ['\u007f\u0085\u009b', '␡��'],
  ['abc\u202edef\u2066', 'abc�def�'],
  ['\ud800', '�'],
  ['x'.repeat(30), `${'x'.repeat(19)}…`],
])('%j is shown as %s', (text, shown) => {
  expect(legible(text, 20)).toBe(shown);
});
