import { scaleLinear } from 'd3-scale';
import { changesOf, type Point, type Series, type Trend } from '../history/series.js';
import { formatMeasurement, formatValue } from '../words.js';
import { element, hint, label, picture } from './svg.js';

const WIDTH = 960;
const HEIGHT = 190;
/** Room for half a date beside the first and the last drill. */
const MARGIN = 34;
const PLOT = { left: 84, right: WIDTH - 16, top: 18, bottom: HEIGHT - 34 };

/** What a target came to in one drill after the other, with its bounds, beside the limit. Nothing where no drill has a finite figure. */
export function trendChart({ name, points }: Series, { drills }: Trend): string {
  const figures = points.flatMap(({ target }) => {
    const { measured, median, limit } = target;
    return [limit, measured?.value ?? 0, measured?.upper ?? 0, median?.value ?? 0].filter(Number.isFinite);
  });
  if (!points.some(({ target }) => target.measured)) return '';
  const { unit } = points[0]!.target;
  const x = scaleLinear([0, Math.max(1, drills.length - 1)], [PLOT.left + MARGIN, PLOT.right - MARGIN]);
  const y = scaleLinear(
    [Math.min(0, ...figures), Math.max(...figures) * 1.06 || 1],
    [PLOT.bottom, PLOT.top],
  ).clamp(true);
  // Where everything is 0 there is no scale to show.
  const ticks = Math.max(...figures) > 0 ? y.ticks(4) : [0];
  const grid = ticks.map((tick) =>
    [
      element('line', { class: 'rule', x1: PLOT.left, x2: PLOT.right, y1: y(tick), y2: y(tick) }),
      label(formatValue(tick, unit), {
        class: 'tick',
        x: PLOT.left - 8,
        y: y(tick) + 4,
        'text-anchor': 'end',
      }),
    ].join(''),
  );
  const step = points.length > 1 ? Math.min(MARGIN, (x(1) - x(0)) / 2) : MARGIN;
  const limits = points.map(({ index, target }) =>
    element('line', {
      class: 'limit',
      x1: x(index) - step,
      x2: x(index) + step,
      y1: y(target.limit),
      y2: y(target.limit),
    }),
  );
  return picture(
    { width: WIDTH, height: HEIGHT, title: `${name}: ${points.length} drills`, class: 'trend' },
    ...grid,
    ...changeMarks(drills, x),
    element('line', { class: 'axis', x1: PLOT.left, x2: PLOT.right, y1: PLOT.bottom, y2: PLOT.bottom }),
    ...limits,
    ...medianLines(points, { x, y }),
    ...points.map((point) => dotOf(point, { x, y })),
    ...dates(drills, x),
  );
}

type Scale = (value: number) => number;

/** From median to median of drills side by side; a drill without a figure, or with an endless one, is a gap. */
function medianLines(points: readonly Point[], { x, y }: { x: Scale; y: Scale }): string[] {
  return points.slice(1).flatMap((point, place) => {
    const before = points[place]!;
    const [from, to] = [medianOf(before), medianOf(point)];
    if (from === undefined || to === undefined || point.index !== before.index + 1) return [];
    const ends = { x1: x(before.index), y1: y(from), x2: x(point.index), y2: y(to) };
    return [element('line', { class: 'median', ...ends })];
  });
}

/** Of one trial the figure is the median. */
function medianOf({ target: { median, measured } }: Point): number | undefined {
  const value = (median ?? measured)?.value;
  return Number.isFinite(value) ? value : undefined;
}

/** A drill's figure, in the colour of the target's verdict; one that never came to its end stands at the upper edge. */
function dotOf({ index, entry, target }: Point, { x, y }: { x: Scale; y: Scale }): string {
  const { measured, verdict, unit, text } = target;
  if (!measured) return '';
  const at = x(index);
  const said = hint(`${entry.folder}: ${formatMeasurement(measured, unit)}, ${verdict} (${text})`);
  const clamp = (value: number) => (Number.isFinite(value) ? y(value) : value > 0 ? PLOT.top : PLOT.bottom);
  const error = element('line', {
    class: `error ${verdict}`,
    x1: at,
    x2: at,
    y1: clamp(measured.lower),
    y2: clamp(measured.upper),
  });
  if (!Number.isFinite(measured.value))
    return `${error}${element('path', { class: `dot ${verdict}`, d: `M${(at - 6).toFixed(1)} ${PLOT.top}h12l-6 -10z` }, said)}`;
  return `${error}${element('circle', { class: `dot ${verdict}`, cx: at, cy: y(measured.value), r: 4.5 }, said)}`;
}

/** Where something else changed as well: a figure of before and one of after are not of the same thing. */
const changeMarks = (drills: Trend['drills'], x: Scale): string[] =>
  drills.flatMap((entry, index) => {
    const changes = changesOf(drills[index - 1], entry);
    if (changes.length === 0) return [];
    const at = (x(index - 1) + x(index)) / 2;
    const line = { class: 'mark', x1: at, x2: at, y1: PLOT.top, y2: PLOT.bottom };
    return [element('line', line, hint(changes.join('; ')))];
  });

/** Dates below the axis, as many as there is room for; of several drills on one day the time. */
function dates(drills: Trend['drills'], x: Scale): string[] {
  const every = Math.ceil(drills.length / 9);
  const shown = [...drills.entries()].filter(([index]) => index % every === 0);
  return shown.map(([index, { drill }], place) => {
    const day = drill.started.slice(0, 10);
    const isSameDay = shown[place - 1]?.[1].drill.started.startsWith(day);
    const text = isSameDay ? drill.started.slice(11, 16) : day;
    return label(text, { class: 'tick', x: x(index), y: HEIGHT - 14, 'text-anchor': 'middle' });
  });
}
