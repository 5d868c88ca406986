import { scaleLinear } from 'd3-scale';
import type { TargetResult } from '../../analysis/result.js';
import { formatValue } from '../words.js';
import { element, hint, label, picture } from './svg.js';

const WIDTH = 960;
const HEIGHT = 64;
/** Room for half a tick at each end. */
const LEFT = 24;

/** What each trial measured for a target, with its error bounds, beside the limit. Nothing where no trial has a finite figure. */
export function distribution({ trials, limit, unit, text }: TargetResult): string {
  const finite = trials.filter(({ measurement }) => Number.isFinite(measurement.value));
  if (finite.length === 0) return '';
  // What has no bound reaches the edge.
  const bounds = finite.map(({ measurement: { value, upper } }) => (Number.isFinite(upper) ? upper : value));
  const most = Math.max(limit, ...bounds);
  const x = scaleLinear([0, most * 1.04 || 1], [LEFT, WIDTH - LEFT]);
  const middle = 24;
  const dots = finite.map(({ trial, measurement }, index) => {
    const y = middle + ((index % 5) - 2) * 4;
    const { lower, upper } = measurement;
    const [x1, x2] = [Number.isFinite(lower) ? x(lower) : 0, Number.isFinite(upper) ? x(upper) : WIDTH];
    return [
      element('line', { class: 'error', x1, x2, y1: y, y2: y }),
      element(
        'circle',
        { class: 'dot', cx: x(measurement.value), cy: y, r: 4 },
        hint(`trial ${trial}: ${formatValue(measurement.value, unit)}`),
      ),
    ].join('');
  });
  const ticks = x
    .ticks(8)
    .map((tick) =>
      label(formatValue(tick, unit), { class: 'tick', x: x(tick), y: HEIGHT - 4, 'text-anchor': 'middle' }),
    );
  return picture(
    { width: WIDTH, height: HEIGHT, title: `${text}: trials`, class: 'distribution' },
    element('line', { class: 'axis', x1: LEFT, x2: WIDTH - LEFT, y1: middle + 14, y2: middle + 14 }),
    element('line', { class: 'limit', x1: x(limit), x2: x(limit), y1: 4, y2: middle + 14 }),
    ...ticks,
    ...dots,
  );
}
