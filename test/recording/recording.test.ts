import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/recording/events.js';
import { readRecording } from '../../src/recording/reader.js';
import { RecordingWriter } from '../../src/recording/writer.js';
import { simulate } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';

const events = () => simulate({ passes: () => true, end: 1e9 });

function write() {
  const path = join(temporaryFolder(), 'recording.ndjson');
  using writer = new RecordingWriter(path);
  for (const event of events()) writer.write(event);
  writer.seal();
  return path;
}

/** What was recorded, without the reader's last word. */
const read = (path: string) => [...readRecording(path)].filter(({ k }) => k !== 'read');

/** The reader's last word. */
const lastWord = (path: string) => [...readRecording(path)].at(-1) as Extract<Event, { k: 'read' }>;

test('what is written is read', () => {
  expect(read(write())).toEqual(events());
});

test('a line that a crash cut off is left out, wherever it was cut', () => {
  const path = write();
  const text = readFileSync(path);
  const seal = text.lastIndexOf(10, text.length - 2) + 1;
  const last = text.lastIndexOf(10, seal - 2) + 1;
  for (const end of [last + 1, last + 10, seal - 1]) {
    writeFileSync(path, text.subarray(0, end));
    expect(read(path)).toEqual(events().slice(0, -1));
    expect(lastWord(path).seal).toBe('missing');
  }
});

test('characters of several bytes across the reading blocks stay whole', () => {
  const path = write();
  appendFileSync(path, `${JSON.stringify({ k: 'problem', t: 0, text: 'ü€😀'.repeat(200_000) })}\n`);
  expect(read(path).at(-1)).toEqual({ k: 'problem', t: 0, text: 'ü€😀'.repeat(200_000) });
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

describe('the seal', () => {
  test('is right, and the SHA-256 of the file is that of anybody', () => {
    const path = write();
    const sum = execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);
    expect(lastWord(path)).toEqual({ k: 'read', sha256: sum, seal: 'intact' });
  });

  test('is the same in however many pieces the lines were written', () => {
    const path = join(temporaryFolder(), 'recording.ndjson');
    {
      using writer = new RecordingWriter(path);
      for (const event of events()) {
        writer.write(event);
        writer.flush();
      }
      writer.seal();
    }
    expect(lastWord(path)).toEqual(lastWord(write()));
  });

  test('any other byte, wherever it is, shows', () => {
    const path = write();
    const text = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(0x30, 0x39, 0x61), (at, byte) => {
        fc.pre(text[at] !== byte);
        const changed = Buffer.from(text);
        changed[at] = byte;
        writeFileSync(path, changed);
        let seal: string;
        try {
          seal = lastWord(path).seal;
        } catch (error) {
          // No JSON any more.
          seal = /damaged|not a recording|format/.test((error as Error).message) ? 'broken' : String(error);
        }
        // Where the last end of line went, or the word "seal", there is no seal.
        expect(seal).toMatch(at >= text.length - 100 ? /broken|missing/ : /broken/);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a line more', (text: string) => `${text}{"k":"problem","t":0,"text":"x"}\n`, 'broken'],
    ['part of a line more', (text: string) => `${text}{"k":`, 'broken'],
    ['a line less', (text: string) => text.replace(/^\{"k":"probes".*\n/m, ''), 'broken'],
    ['its own line twice', (text: string) => text + /\{"k":"seal".*\n/.exec(text)![0], 'broken'],
    ['none', (text: string) => text.replace(/\{"k":"seal".*\n/, ''), 'missing'],
  ])('%s', (_, change, seal) => {
    const path = write();
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect(lastWord(path).seal).toBe(seal);
  });
});
