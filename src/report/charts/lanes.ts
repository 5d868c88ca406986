import type { ScaleLinear } from 'd3-scale';
import { element, hint, label } from './svg.js';

/** Height of a lane with its gap. */
export const LANE = 13;

/** How dark the darkest of a lane's steps is; less than a step is left white. */
const STEPS = 8;

/** Something over time, drawn as a strip that is the darker the more there is. */
export interface Lane {
  name: string;
  /** What it says when one points at it. */
  hint: string;
  /** Stretches of time with how much there is, from 0 to 1. */
  stretches: { from: number; to: number; share: number }[];
  /** Stretches that are drawn as missing. */
  missing?: { from: number; to: number; hint: string }[];
}

/** Lanes one below the other, their names left of them. */
export function drawLanes(lanes: readonly Lane[], x: ScaleLinear<number, number>, top: number): string {
  const height = LANE - 3;
  return lanes
    .map((lane, index) => {
      const y = top + index * LANE;
      const piece = (kind: string, { from, to }: { from: number; to: number }, ...rest: string[]) =>
        element('rect', { class: kind, x: x(from), y, width: Math.max(1, x(to) - x(from)), height }, ...rest);
      const [first, last] = x.domain() as [number, number];
      return [
        label(lane.name, { class: 'lane-name', x: 4, y: y + height - 1 }),
        element(
          'g',
          {},
          hint(lane.hint),
          piece('lane-back', { from: first, to: last }),
          ...steps(lane.stretches).map(({ step, ...stretch }) => piece(`step-${step}`, stretch)),
        ),
        ...(lane.missing ?? []).map((gap) => piece('stall', gap, hint(gap.hint))),
      ].join('');
    })
    .join('');
}

/** Stretches of the same darkness, joined. */
function steps(stretches: Lane['stretches']): { from: number; to: number; step: number }[] {
  const joined: { from: number; to: number; step: number }[] = [];
  for (const { from, to, share } of stretches) {
    const step = Math.round(Math.min(1, share) * STEPS);
    const last = joined.at(-1);
    if (last?.step === step) last.to = to;
    else joined.push({ from, to, step });
  }
  return joined.filter(({ step }) => step > 0);
}
