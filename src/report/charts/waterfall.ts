import { scaleLinear } from 'd3-scale';
import type { FaultPhases } from '../../analysis/result.js';
import { waterfall } from '../../analysis/waterfall.js';
import { formatDuration } from '../../scenario/units.js';
import { describePhase, phaseName } from '../words.js';
import { element, fitting, hint, label, picture } from './svg.js';

const WIDTH = 960;
const LEFT = 190;
/** Room for what a row says, right of the longest bar. */
const RIGHT = 330;
const ROW = 24;

/** The phases of a failover as a cascade on a time axis, with what each trial saw and its bounds. What was not seen has no bar, and is said. */
export function waterfallChart(phases: FaultPhases): string {
  const rows = waterfall(phases);
  const most = Math.max(0, ...rows.flatMap(({ bar, bounds }) => [bar?.to ?? 0, bounds?.most ?? 0]));
  const x = scaleLinear([0, most || 1], [LEFT, WIDTH - RIGHT]);
  const bottom = 6 + rows.length * ROW;
  const drawn = rows.map(({ result, bar, bounds, dots }, index) => {
    const y = 6 + index * ROW;
    const middle = y + ROW / 2 - 2;
    const name = phaseName(result);
    const end = bar ? Math.max(x(bar.to), x(bounds?.most ?? 0)) : LEFT;
    return element(
      'g',
      { class: 'phase' },
      hint(`${name}: ${describePhase(result)}`),
      bar
        ? element('rect', {
            class: `bar ${result.phase.replace(' ', '-')}`,
            x: x(bar.from),
            y: y + 3,
            width: Math.max(1.5, x(bar.to) - x(bar.from)),
            height: ROW - 10,
          })
        : '',
      bounds
        ? element('line', { class: 'error', x1: x(bounds.least), x2: x(bounds.most), y1: middle, y2: middle })
        : '',
      ...(dots.length > 1
        ? dots.map(({ at }) => element('circle', { class: 'dot', cx: x(at), cy: middle, r: 2.5 }))
        : []),
    ).concat(
      label(fitting(name, LEFT - 14), { class: 'name', x: LEFT - 10, y: middle + 4, 'text-anchor': 'end' }),
      label(describePhase(result), { class: 'note', x: end + 8, y: middle + 4 }),
    );
  });
  const ticks = x
    .ticks(6)
    .map((tick) =>
      [
        element('line', { class: 'tickline', x1: x(tick), x2: x(tick), y1: 2, y2: bottom }),
        label(formatDuration(tick), { class: 'tick', x: x(tick), y: bottom + 14, 'text-anchor': 'middle' }),
      ].join(''),
    );
  return picture(
    { width: WIDTH, height: bottom + 20, title: `Phases after ${phases.fault}`, class: 'waterfall' },
    ...(most > 0 ? ticks : []),
    ...drawn,
  );
}
