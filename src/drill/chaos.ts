import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Inject } from '../faults/registry.js';
import type { Chaos } from '../scenario/schema.js';
import type { Duration, DurationRange } from '../scenario/units.js';

/** Numbers from 0 to below 1. */
type Draw = () => number;

/** A fault that was drawn, with how long it lasts and how long nothing is done after it, nanoseconds. */
interface DrawnFault {
  fault: Inject;
  lasts: Duration;
  rest: Duration;
}

/**
 * What a trial draws from: the same numbers for the same seed and trial, whatever other trials drew and however often a busy machine made
 * it repeat this one.
 */
export function drawsOf({ seed, trial }: { seed: number; trial: number }): Draw {
  const generator = xoroshiro128plus(seed);
  for (let before = 1; before < trial; before++) generator.jump();
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/** Draws what a chaos step does, in order. */
export const drawFaults = ({ faults, count, lasts, rest }: Chaos, draw: Draw): DrawnFault[] =>
  Array.from({ length: count }, () => ({
    fault: faults[Math.floor(draw() * faults.length)]!,
    lasts: durationIn(lasts, draw),
    rest: durationIn(rest, draw),
  }));

/** A duration of a range, in whole milliseconds where the range has some. */
function durationIn({ least, most }: DurationRange, draw: Draw): Duration {
  const drawn = Math.round((least + draw() * (most - least)) / 1e6) * 1e6;
  return Math.min(most, Math.max(least, drawn));
}
