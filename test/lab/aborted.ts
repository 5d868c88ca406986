import { expect } from 'vitest';
import { readRecording } from '../../src/recording/reader.js';
import type { Left } from './drill.js';
import { expectNothingLeft, type Trace } from './machine.js';

/** Expects that Ann aborted a drill because it was the wrong lab, that it was healed, and that the machine is as before. */
export async function expectAborted({ code, result, recording }: Left, before: Trace): Promise<void> {
  expect({ code, outcome: result.outcome, reason: result.reason }).toEqual({
    code: 130,
    outcome: 'interrupted',
    reason: 'the drill was aborted by Ann: wrong lab',
  });
  const faults = [...readRecording(recording)].flatMap((event) =>
    event.k === 'fault' ? [event.action] : [],
  );
  expect(faults).toEqual(['inject', 'clear']);
  expect(result.problems).toEqual([]);
  await expectNothingLeft(before);
}
