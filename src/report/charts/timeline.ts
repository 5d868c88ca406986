import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import type {
  Mark,
  SeriesResult,
  SessionResult,
  TransferResult,
  TrialResult,
} from '../../analysis/result.js';
import { formatDuration, formatRate } from '../../scenario/units.js';
import { describeHealth, wasBusy } from '../words.js';
import { drawLanes, LANE, type Lane } from './lanes.js';
import { CHARACTER, element, fitting, hint, label, picture } from './svg.js';

const WIDTH = 960;
/** Room for names, at least and at most; longer ones are cut short. */
const LEAST_LEFT = 92;
const MOST_LEFT = 200;
const RIGHT = 12;
const MARK_ROW = 20;
const LOSS_HEIGHT = 56;
const DELAY_HEIGHT = 44;
const SESSION = 7;
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

/** Loss and delay of each probe, goodput and round-trip time of bulk transfers, sessions as lanes, with the faults as bands and everything that happened marked, on one time axis. */
export function timeline(trial: TrialResult): string {
  const length = trial.to - trial.from;
  const zero = zeroOf(trial);
  const left = leftOf(trial);
  const x = scaleLinear([0, length], [left, WIDTH - RIGHT]);
  const { markup: marks, height: top } = drawMarks(numberMarks(trial), x);
  const parts: string[] = [];
  let y = top + 8;
  for (const series of trial.series) {
    parts.push(drawLoss(series, x, y));
    y += LOSS_HEIGHT + 10;
    parts.push(drawDelay({ ...series, what: 'delay' }, x, y));
    y += DELAY_HEIGHT + GAP;
  }
  for (const transfer of trial.transfers) {
    parts.push(drawGoodput(transfer, x, y));
    y += LOSS_HEIGHT + 10;
    if (transfer.rtt.some((value) => value !== null)) {
      parts.push(drawDelay({ bin: transfer.bin, delay: transfer.rtt, what: 'RTT' }, x, y));
      y += DELAY_HEIGHT + 10;
    }
    y += GAP - 10;
  }
  const probes = [...new Set(trial.sessions.map(({ probe }) => probe))];
  for (const probe of probes) {
    const sessions = trial.sessions.filter((session) => session.probe === probe);
    parts.push(drawSessions(probe, sessions, x, y, length));
    y += sessions.length * SESSION + GAP;
  }
  for (const [title, lanes] of [
    ['operators', operatorLanes(trial)],
    ['packets by link', trafficLanes(trial)],
    ['processors by node', healthLanes(trial)],
    ['watches', watchLanes(trial)],
  ] as const) {
    if (lanes.length === 0) continue;
    parts.push(label(title, { class: 'note', x: left, y: y + 2 }));
    const shown = lanes.map((lane) => ({ ...lane, name: shorten(lane.name, left) }));
    parts.push(drawLanes(shown, x, y + 8));
    y += lanes.length * LANE + 8 + GAP;
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
  const title = `Trial ${trial.trial}: probes, links and nodes over ${formatDuration(length)}`;
  return picture(
    { width: WIDTH, height: bottom + 34, title, class: 'timeline' },
    ...bands,
    axis,
    ...parts,
    ...lines,
    marks,
  );
}

/** When people were busy with what they were asked to do, and from when on they were late. */
function operatorLanes({ instructions }: TrialResult): Lane[] {
  return instructions.flatMap(({ name, text, shown, ended, planned }): Lane[] => {
    if (ended === undefined) return [];
    const due = shown + (planned ?? Number.POSITIVE_INFINITY);
    return [
      {
        name,
        hint: text,
        stretches: [{ from: shown, to: Math.min(ended, due), share: 0.5 }],
        ...(ended > due && { missing: [{ from: due, to: ended, hint: `${name}: longer than planned` }] }),
      },
    ];
  });
}

/** What each link carried, by the busiest link at its busiest. */
function trafficLanes({ traffic }: TrialResult): Lane[] {
  const most = Math.max(1, ...traffic.flatMap(({ rate }) => rate));
  return traffic.map(({ link, bin, rate }) => ({
    name: link,
    hint: `${link}: at most ${Math.round(Math.max(...rate))} packets a second`,
    stretches: rate.map((value, index) => ({
      from: index * bin,
      to: (index + 1) * bin,
      share: value / most,
    })),
  }));
}

/** What each node's processes used of a processor, and when its daemons were missing; idle nodes are left out. */
function healthLanes(trial: TrialResult): Lane[] {
  return trial.health.filter(wasBusy).map((node) => ({
    name: node.node,
    hint: describeHealth(node, trial),
    stretches: node.processor,
    missing: node.away.map((gap) => ({
      from: gap.from,
      to: gap.to ?? trial.to - trial.from,
      hint: `${gap.daemon} was missing`,
    })),
  }));
}

/** When each watch was active, and when it could not tell. */
function watchLanes({ watches, from, to }: TrialResult): Lane[] {
  return watches.map(({ watch, active, unknown }) => ({
    name: watch,
    hint: `${watch}: active for ${formatDuration(active.reduce((sum, span) => sum + span.to - span.from, 0))}`,
    // Between two of them there is nothing.
    stretches: active.flatMap((span, index) => [
      { from: span.from, to: span.to, share: 1 },
      { from: span.to, to: active[index + 1]?.from ?? to - from, share: 0 },
    ]),
    missing: unknown.map(({ why, ...span }) => ({ ...span, hint: why })),
  }));
}

/** Room for the names of a trial's lanes and probes. */
function leftOf({
  series,
  sessions,
  transfers,
  traffic,
  health,
  watches,
  instructions,
}: TrialResult): number {
  const names = [
    ...[...series, ...sessions, ...transfers].map(({ probe }) => probe),
    ...traffic.map(({ link }) => link),
    ...health.map(({ node }) => node),
    ...watches.map(({ watch }) => watch),
    ...instructions.map(({ name }) => name),
  ];
  const longest = Math.max(0, ...names.map(({ length }) => length)) * CHARACTER + 12;
  return Math.min(MOST_LEFT, Math.max(LEAST_LEFT, longest));
}

/** A name that fits into the room for names. */
const shorten = (name: string, left: number): string => fitting(name, left - 12);

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

function frame(x: Scale, y: number, height: number): string {
  const [left, right] = x.range() as [number, number];
  return element('rect', { class: 'frame', x: left, y, width: right - left, height });
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
    frame(x, top, LOSS_HEIGHT),
    element('path', { class: 'loss', d: shape([...share, 0]) ?? '' }),
    label(shorten(probe, x.range()[0]!), { class: 'name', x: 4, y: top + 14 }),
    label('loss', { class: 'note', x: 4, y: top + 30 }),
    label('100 %', { class: 'tick', x: x.range()[0]! - 6, y: top + 10, 'text-anchor': 'end' }),
    label('0', { class: 'tick', x: x.range()[0]! - 6, y: top + LOSS_HEIGHT, 'text-anchor': 'end' }),
  ].join('');
}

/** What a bulk transfer delivered one way, and where its TCP had to send again. */
function drawGoodput(
  { probe, way, bin, goodput, retransmissions = [] }: TransferResult,
  x: Scale,
  top: number,
): string {
  const most = Math.max(...goodput, 1);
  const y = scaleLinear([0, most], [top + LOSS_HEIGHT, top + 4]);
  const shape = area<number>()
    .x((_, index) => Math.min(x(index * bin), WIDTH - RIGHT))
    .y0(y(0))
    .y1((value) => y(value))
    .curve(curveStepAfter);
  const again = retransmissions.flatMap((count, index) =>
    count === 0
      ? []
      : [
          element(
            'rect',
            { class: 'stall', x: x(index * bin), y: top, width: Math.max(1, x(bin) - x(0)), height: 3 },
            hint(`${count} segments sent again`),
          ),
        ],
  );
  return [
    frame(x, top, LOSS_HEIGHT),
    element('path', { class: 'goodput', d: shape([...goodput, 0]) ?? '' }),
    ...again,
    label(shorten(probe, x.range()[0]!), { class: 'name', x: 4, y: top + 14 }),
    label(`goodput ${way}`, { class: 'note', x: 4, y: top + 30 }),
    label(formatRate(most), { class: 'tick', x: x.range()[0]! - 6, y: top + 46, 'text-anchor': 'end' }),
    label('0', { class: 'tick', x: x.range()[0]! - 6, y: top + LOSS_HEIGHT, 'text-anchor': 'end' }),
  ].join('');
}

function drawDelay(
  { bin, delay, what }: Pick<SeriesResult, 'bin' | 'delay'> & { what: string },
  x: Scale,
  top: number,
): string {
  const most = Math.max(...delay.map((value) => value ?? 0), 1);
  const y = scaleLinear([0, most], [top + DELAY_HEIGHT, top + 4]);
  const shape = line<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x((index + 0.5) * bin))
    .y((value) => y(value ?? 0));
  return [
    frame(x, top, DELAY_HEIGHT),
    element('path', { class: 'delay', d: shape(delay) ?? '' }),
    label(what, { class: 'note', x: 4, y: top + 14 }),
    label(formatDuration(most), { class: 'tick', x: x.range()[0]! - 6, y: top + 12, 'text-anchor': 'end' }),
    label('0', { class: 'tick', x: x.range()[0]! - 6, y: top + DELAY_HEIGHT, 'text-anchor': 'end' }),
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
    const y = top + index * SESSION;
    const width = x(length) - x(0);
    return [
      element(
        'rect',
        { class: survived ? 'lane' : 'lane broken', x: x(0), y, width, height: SESSION - 2 },
        hint(`session ${session}: ${detail}`),
      ),
      ...stalls.map(({ from, to }) =>
        element('rect', {
          class: 'stall',
          x: x(from),
          y,
          width: Math.max(1, x(to) - x(from)),
          height: SESSION - 2,
        }),
      ),
    ].join('');
  });
  const note = label('sessions', { class: 'note', x: 4, y: top + 26 });
  return [
    label(shorten(probe, x.range()[0]!), { class: 'name', x: 4, y: top + 10 }),
    sessions.length > 2 ? note : '',
    ...lanes,
  ].join('');
}

function drawAxis(x: Scale, zero: number, y: number): string {
  const seconds = x.copy().domain(x.domain().map((value) => (value - zero) / 1e9));
  const coarse = seconds.ticks(10);
  const drawTick = (tick: number) =>
    [
      element('line', { class: 'grid', x1: seconds(tick), x2: seconds(tick), y1: y, y2: y + 4 }),
      label(String(Number(tick.toFixed(3))), {
        class: 'tick',
        x: seconds(tick),
        y: y + 16,
        'text-anchor': 'middle',
      }),
    ].join('');
  const fine = seconds.ticks(50).filter((tick) => !coarse.includes(tick));
  const ticks = [...coarse.map(drawTick), element('g', { class: 'fine' }, ...fine.map(drawTick))];
  const unit = label('seconds from the first fault', {
    class: 'note',
    x: WIDTH - RIGHT,
    y: y + 31,
    'text-anchor': 'end',
  });
  return [...ticks, unit].join('');
}
