import type { Bracket, Instant } from '../linux/clock.js';
import { atLeast, type Measurement } from './measurement.js';
import { delaysOf, impairedRuns, type Run, type Window } from './runs.js';
import { ROUNDING, type StreamTrack } from './track.js';

/** How far before an event a packet may have been sent that the event still hit on its way. */
const IN_FLIGHT = 1e9;

/**
 * The runs of impaired packets that an event may have caused, and nothing that came later; of lost ones only, where that is wanted.
 * @param window from the event to the next; a run that is still open at its end goes on to `seenTo`
 */
export function runsAfter(
  stream: StreamTrack,
  at: Bracket,
  { to }: Window,
  threshold: number,
  only?: 'loss',
  seenTo: Instant = to,
): Run[] {
  const runs = impairedRuns(stream, { from: at.before - IN_FLIGHT, to: seenTo }, threshold, only);
  const delay = typicalDelay(stream, at.before);
  // What was sent last before the next event may have met that.
  const longest = delaysOf(stream, { from: Math.max(at.before, to - IN_FLIGHT), to }, to).at(-1) ?? 0;
  return runs.filter(
    ({ first, last }) => stream.sentAt(last) + delay >= at.before && stream.sentAt(first) + longest < to,
  );
}

/** One-way delay of a stream shortly before an instant: the median of its last hundred packets; 0 where none arrived. */
export function typicalDelay(stream: StreamTrack, before: number): number {
  const end = stream.firstFrom(before);
  const delays: number[] = [];
  for (let number = Math.max(stream.first, end - 100); number < end; number++) {
    const delay = stream.receivedAt(number) - stream.sentAt(number);
    if (delay >= 0) delays.push(delay);
  }
  return delays.sort((a, b) => a - b)[delays.length >> 1] ?? 0;
}

/** The longest outage after an event that a stream could not notice: until the first packet sent after it had arrived. */
export function unnoticed(stream: StreamTrack, { before, after }: Bracket): number {
  let number = stream.firstFrom(after - IN_FLIGHT);
  while (number < stream.count && stream.sentAt(number) < after) number++;
  const arrived = stream.receivedAt(number);
  return Number.isNaN(arrived) ? stream.interval + after - before : arrived - before + ROUNDING;
}

/** The likeliest time from an event to one that it brought about: the event came before what it had done was first `felt`, wherever in its bracket. */
export const sinceCause = (cause: Bracket, felt: Instant, effect: Instant): number =>
  Math.max(0, effect - (cause.before + Math.max(cause.before, Math.min(cause.after, felt))) / 2);

/** The least time from an event to the end of impaired packets: the last of them was sent. */
export const leastTimeBack = (stream: StreamTrack, at: Bracket, { last }: Run): number =>
  Math.max(0, stream.sentAt(last) - at.after - ROUNDING);

/** Time from an event to the end of impaired packets: likeliest halfway between the last of them and the next one, which has arrived. */
export function timeBack(stream: StreamTrack, at: Bracket, run: Run): Measurement {
  const felt = stream.sentAt(run.last);
  const next = run.last + 1;
  return {
    value: sinceCause(at, felt, (felt + stream.sentAt(next)) / 2),
    lower: leastTimeBack(stream, at, run),
    upper: stream.receivedAt(next) - at.before + ROUNDING,
    of: stream.name,
  };
}

/**
 * Time from an event until a stream was unimpaired again and stayed so for the validation time (RFC 6412, RFC 6414's timestamp method).
 * Service came back after the last impaired packet was sent and before the next one had arrived. A stream that was not hurt recovered at
 * once, give or take one interval.
 */
export function recoveryOf(options: {
  stream: StreamTrack;
  at: Bracket;
  window: Window;
  threshold: number;
  validation: number;
}): Measurement {
  const { stream, at, window, threshold, validation } = options;
  const last = runsAfter(stream, at, window, threshold).at(-1);
  const of = stream.name;
  if (!last) return { value: 0, lower: 0, upper: unnoticed(stream, at), of };
  const lower = leastTimeBack(stream, at, last);
  const next = last.last + 1;
  const isSeen = next < stream.firstFrom(window.to);
  if (!isSeen) return { ...atLeast(Math.max(lower, window.to - at.after), 'not recovered'), of };
  if (window.to - stream.dueAt(next) < validation) {
    return { ...atLeast(lower, 'recovered, but not watched for the validation time'), of };
  }
  return timeBack(stream, at, last);
}
