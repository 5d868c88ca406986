import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import type { Mark, SeriesResult, SessionResult, TrialResult } from '../../analysis/result.js';
import { formatDuration } from '../../scenario/units.js';
import { element, hint, label, picture } from './svg.js';

const WIDTH = 960;
const LEFT = 92;
const RIGHT = 12;
const MARK_ROW = 20;
const LOSS_HEIGHT = 56;
const DELAY_HEIGHT = 44;
const LANE = 7;
const GAP = 26;

/** A mark with its number in the legend. */
export interface NumberedMark extends Mark {
  number: number;
  /** Nanoseconds from the first fault; from the beginning where there is none. */
  offset: number;
}

/** When a trial's first fault took effect, from its beginning. */
const zeroOf = ({ marks }: TrialResult): number => marks.find(({ kind }) => kind === 'fault')?.at ?? 0;

/** The marks of a trial with the numbers that its timeline shows. */
export const numberMarks = (trial: TrialResult): NumberedMark[] =>
  trial.marks.map((mark, index) => ({ ...mark, number: index + 1, offset: mark.at - zeroOf(trial) }));

type Scale = ScaleLinear<number, number>;

/** Loss and delay of each probe, sessions as lanes, with the faults as bands and everything that happened marked, on one time axis. */
export function timeline(trial: TrialResult): string {
  const length = trial.to - trial.from;
  const zero = zeroOf(trial);
  const x = scaleLinear([0, length], [LEFT, WIDTH - RIGHT]);
  const { markup: marks, height: top } = drawMarks(numberMarks(trial), x);
  const parts: string[] = [];
  let y = top + 8;
  for (const series of trial.series) {
    parts.push(drawLoss(series, x, y));
    y += LOSS_HEIGHT + 10;
    parts.push(drawDelay(series, x, y));
    y += DELAY_HEIGHT + GAP;
  }
  const probes = [...new Set(trial.sessions.map(({ probe }) => probe))];
  for (const probe of probes) {
    const sessions = trial.sessions.filter((session) => session.probe === probe);
    parts.push(drawSessions(probe, sessions, x, y, length));
    y += sessions.length * LANE + GAP;
  }
  const bottom = y - GAP + 6;
  const bands = trial.bands.map(({ from, to, label: name }) =>
    element(
      'rect',
      { class: 'band', x: x(from), y: top, width: Math.max(1, x(to) - x(from)), height: bottom - top },
      hint(name),
    ),
  );
  const lines = trial.marks.map(({ kind, at }) =>
    element('line', { class: `mark ${kind}`, x1: x(at), x2: x(at), y1: top - 2, y2: bottom }),
  );
  const axis = drawAxis(x, zero, bottom);
  const title = `Trial ${trial.trial}: loss and delay over ${formatDuration(length)}`;
  return picture(
    { width: WIDTH, height: bottom + 34, title, class: 'timeline' },
    ...bands,
    axis,
    ...parts,
    ...lines,
    marks,
  );
}

/** Numbered discs above the plot, in as many rows as they need not to cover each other. */
function drawMarks(marks: readonly NumberedMark[], x: Scale): { markup: string; height: number } {
  const ends: number[] = [];
  const placed = marks.map((mark) => {
    const at = x(mark.at);
    let row = ends.findIndex((end) => end < at - 10);
    if (row < 0) row = ends.length;
    ends[row] = at + 10;
    return { mark, at, row };
  });
  const height = Math.max(1, ends.length) * MARK_ROW + 6;
  const markup = placed.map(({ mark, at, row }) => {
    const cy = height - 12 - row * MARK_ROW;
    return element(
      'g',
      { class: `disc ${mark.kind}` },
      hint(mark.label),
      element('circle', { cx: at, cy, r: 9 }),
      label(String(mark.number), { x: at, y: cy + 4, 'text-anchor': 'middle' }),
    );
  });
  return { markup: markup.join(''), height };
}

function frame(y: number, height: number): string {
  return element('rect', { class: 'frame', x: LEFT, y, width: WIDTH - RIGHT - LEFT, height });
}

function drawLoss({ probe, bin, sent, impaired }: SeriesResult, x: Scale, top: number): string {
  const y = scaleLinear([0, 1], [top + LOSS_HEIGHT, top]);
  const share = sent.map((count, index) => (count === 0 ? 0 : impaired[index]! / count));
  const shape = area<number>()
    .x((_, index) => x(index * bin))
    .y0(y(0))
    .y1((value) => y(value))
    .curve(curveStepAfter);
  return [
    frame(top, LOSS_HEIGHT),
    element('path', { class: 'loss', d: shape([...share, 0]) ?? '' }),
    label(probe, { class: 'name', x: 4, y: top + 14 }),
    label('loss', { class: 'note', x: 4, y: top + 30 }),
    label('100 %', { class: 'tick', x: LEFT - 6, y: top + 10, 'text-anchor': 'end' }),
    label('0', { class: 'tick', x: LEFT - 6, y: top + LOSS_HEIGHT, 'text-anchor': 'end' }),
  ].join('');
}

function drawDelay({ bin, delay }: SeriesResult, x: Scale, top: number): string {
  const most = Math.max(...delay.map((value) => value ?? 0), 1);
  const y = scaleLinear([0, most], [top + DELAY_HEIGHT, top + 4]);
  const shape = line<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x((index + 0.5) * bin))
    .y((value) => y(value ?? 0));
  return [
    frame(top, DELAY_HEIGHT),
    element('path', { class: 'delay', d: shape(delay) ?? '' }),
    label('delay', { class: 'note', x: 4, y: top + 14 }),
    label(formatDuration(most), { class: 'tick', x: LEFT - 6, y: top + 12, 'text-anchor': 'end' }),
    label('0', { class: 'tick', x: LEFT - 6, y: top + DELAY_HEIGHT, 'text-anchor': 'end' }),
  ].join('');
}

function drawSessions(
  probe: string,
  sessions: readonly SessionResult[],
  x: Scale,
  top: number,
  length: number,
): string {
  const lanes = sessions.map(({ stalls, survived, session, detail }, index) => {
    const y = top + index * LANE;
    const width = x(length) - x(0);
    return [
      element(
        'rect',
        { class: survived ? 'lane' : 'lane broken', x: x(0), y, width, height: LANE - 2 },
        hint(`session ${session}: ${detail}`),
      ),
      ...stalls.map(({ from, to }) =>
        element('rect', {
          class: 'stall',
          x: x(from),
          y,
          width: Math.max(1, x(to) - x(from)),
          height: LANE - 2,
        }),
      ),
    ].join('');
  });
  const note = label('sessions', { class: 'note', x: 4, y: top + 26 });
  return [label(probe, { class: 'name', x: 4, y: top + 10 }), sessions.length > 2 ? note : '', ...lanes].join(
    '',
  );
}

function drawAxis(x: Scale, zero: number, y: number): string {
  const seconds = x.copy().domain(x.domain().map((value) => (value - zero) / 1e9));
  const ticks = seconds.ticks(10).map((tick) =>
    [
      element('line', { class: 'grid', x1: seconds(tick), x2: seconds(tick), y1: y, y2: y + 4 }),
      label(String(Number(tick.toFixed(3))), {
        class: 'tick',
        x: seconds(tick),
        y: y + 16,
        'text-anchor': 'middle',
      }),
    ].join(''),
  );
  const unit = label('seconds from the first fault', {
    class: 'note',
    x: WIDTH - RIGHT,
    y: y + 31,
    'text-anchor': 'end',
  });
  return [...ticks, unit].join('');
}
