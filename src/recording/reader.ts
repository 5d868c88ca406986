import { closeSync, openSync, readSync } from 'node:fs';
import { InvalidInput, unreadable } from '../document/problem.js';
import { type Event, RECORDING_VERSION } from './events.js';

const CHUNK = 1 << 20;
const NEWLINE = 10;

/**
 * Reads a recording's events in order. A last line without an end is what a crash left and is skipped.
 * @throws InvalidInput for a file that is no recording, or one of another version
 */
export function* readRecording(path: string): Generator<Event> {
  let number = 0;
  for (const line of lines(path)) {
    number++;
    const event = parse(path, number, line);
    if (number === 1) checkHeader(path, event);
    yield event;
  }
  if (number === 0) throw invalid(path, 1, 'not a recording: it has no complete line');
}

function* lines(path: string): Generator<string> {
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
      if (length === 0) return;
      const data =
        rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, length)]) : chunk.subarray(0, length);
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
        yield data.toString('utf8', start, end);
        start = end + 1;
      }
      rest = Buffer.from(data.subarray(start));
    }
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
