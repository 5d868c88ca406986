import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../src/recording/reader.js';
import { RecordingWriter } from '../../src/recording/writer.js';
import { simulate } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const events = () => simulate({ passes: () => true, end: 1e9 });

function write() {
  const path = join(temporaryFolder(), 'recording.ndjson');
  using writer = new RecordingWriter(path);
  for (const event of events()) writer.write(event);
  return path;
}

test('what is written is read', () => {
  expect([...readRecording(write())]).toEqual(events());
});

test('a line that a crash cut off is left out, wherever it was cut', () => {
  const path = write();
  const text = readFileSync(path);
  const last = text.lastIndexOf(10, text.length - 2) + 1;
  for (const end of [last + 1, last + 10, text.length - 1]) {
    writeFileSync(path, text.subarray(0, end));
    expect([...readRecording(path)]).toEqual(events().slice(0, -1));
  }
});

test('characters of several bytes across the reading blocks stay whole', () => {
  const path = write();
  appendFileSync(path, `${JSON.stringify({ k: 'problem', t: 0, text: 'ü€😀'.repeat(200_000) })}\n`);
  expect([...readRecording(path)].at(-1)).toEqual({ k: 'problem', t: 0, text: 'ü€😀'.repeat(200_000) });
});

describe('what is no recording is said so', () => {
  test.each([
    ['empty', '', ':1:1: not a recording: it has no complete line'],
    ['cut off in its first line', '{"k":"recording",', ':1:1: not a recording: it has no complete line'],
    ['something else', 'hello\n', ':1:1: not a recording'],
    ['another JSON', '{"a":1}\n', ':1:1: not a recording'],
    ['another recording', '{"k":"steady"}\n', ':1:1: not a recording'],
    ['nothing', 'null\n', ':1:1: not a recording'],
    [
      'from the future',
      '{"k":"recording","version":99}\n',
      ':1:1: made by a newer version of faildrill (format 99, this one reads 1)',
    ],
    ['from the past', '{"k":"recording","version":0}\n', ':1:1: made by an older version of faildrill'],
    ['a line that is no event', '{"k":"recording","version":1}\n{}\n', ':2:1: this line is damaged'],
    ['a damaged line', '{"k":"recording","version":1}\n{"k":\n{}\n', ':2:1: this line is damaged'],
  ])('%s', (_, text, message) => {
    const path = join(temporaryFolder(), 'x');
    writeFileSync(path, text);
    expect(() => [...readRecording(path)]).toThrow(path + message);
  });

  test('a file that is not there', () => {
    expect(() => [...readRecording('/nowhere/x')]).toThrow('/nowhere/x:1:1: there is no such file');
  });
});

test('a recording is never written over', () => {
  const path = write();
  expect(() => new RecordingWriter(path)).toThrow('it exists already');
});
