import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { InvalidInput, unreadable } from '../document/problem.js';
import { type Event, RECORDING_VERSION, type Seal } from './events.js';

const CHUNK = 1 << 20;
const NEWLINE = 10;

/**
 * Reads a recording's events in order, and says at its end whether they are as they were written. A last line without an end is what a crash left and is
 * skipped. Holds one line at a time.
 * @throws InvalidInput for a file that is no recording, or one of another version
 */
export function* readRecording(path: string): Generator<Event> {
  let number = 0;
  let seal: Seal = 'missing';
  const hash = createHash('sha256');
  for (const { text, bytes } of lines(path)) {
    if (text === undefined) {
      // What a crash left is no change; after a seal there is nothing to leave.
      if (seal === 'intact') seal = 'broken';
      hash.update(bytes);
      continue;
    }
    number++;
    const event = parse(path, number, text);
    if (number === 1) checkHeader(path, event);
    if (event.k === 'seal') {
      const isFirst: boolean = seal === 'missing';
      seal = isFirst && event.sha256 === hash.copy().digest('hex') ? 'intact' : 'broken';
    } else {
      if (seal === 'intact') seal = 'broken';
      yield event;
    }
    hash.update(bytes);
  }
  if (number === 0) throw invalid(path, 1, 'not a recording: it has no complete line');
  yield { k: 'read', sha256: hash.digest('hex'), seal };
}

/** The lines of a file with their bytes; what is left without an end has no text. */
function* lines(path: string): Generator<{ text?: string; bytes: Buffer }> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const length = readSync(file, chunk, 0, CHUNK, null);
      if (length === 0) break;
      const data =
        rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, length)]) : chunk.subarray(0, length);
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
        yield { text: data.toString('utf8', start, end), bytes: data.subarray(start, end + 1) };
        start = end + 1;
      }
      rest = Buffer.from(data.subarray(start));
    }
    if (rest.length > 0) yield { bytes: rest };
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === 'read' ? unreadable(path, error) : error;
  } finally {
    closeSync(file);
  }
}

function parse(path: string, number: number, line: string): Event {
  try {
    const event = JSON.parse(line) as Event | null;
    if (typeof event?.k === 'string') return event;
  } catch {
    // It is said below.
  }
  throw invalid(path, number, number === 1 ? 'not a recording' : 'this line is damaged');
}

function checkHeader(path: string, event: Event) {
  if (event.k !== 'recording') throw invalid(path, 1, 'not a recording');
  if (event.version !== RECORDING_VERSION) {
    const which = event.version > RECORDING_VERSION ? 'a newer' : 'an older';
    throw invalid(
      path,
      1,
      `made by ${which} version of faildrill (format ${event.version}, this one reads ${RECORDING_VERSION})`,
    );
  }
}

const invalid = (file: string, line: number, message: string) =>
  new InvalidInput([{ file, line, column: 1, message }]);
