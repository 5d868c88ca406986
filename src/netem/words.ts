import { formatDuration } from '../scenario/units.js';
import type { Impairment } from './impairment.js';
import type { Counters } from './stage.js';

const percent = (share: number) => `${Number((share * 100).toPrecision(4))} %`;

/** A bit rate for people: `10 Mbit/s`. */
export function formatRate(bits: number): string {
  const [by, unit] =
    bits >= 1e9
      ? [1e9, 'Gbit/s']
      : bits >= 1e6
        ? [1e6, 'Mbit/s']
        : bits >= 1e3
          ? [1e3, 'kbit/s']
          : [1, 'bit/s'];
  return `${Number((bits / by).toPrecision(4))} ${unit}`;
}

/** An impairment for people: `delay 200 ms ± 20 ms normal, loss 5 %`. */
export function describeImpairment(it: Impairment): string {
  const { delay, jitter, distribution, loss, duplicate, corrupt, reorder, gap, rate, slot } = it;
  const correlated = (of: { percent: number; correlation: number }) =>
    `${percent(of.percent)}${of.correlation > 0 ? ` correlated ${percent(of.correlation)}` : ''}`;
  const spread = jitter > 0 ? ` ± ${formatDuration(jitter)} ${distribution}` : '';
  return [
    (delay > 0 || jitter > 0) && `delay ${formatDuration(delay)}${spread}`,
    loss && ('percent' in loss ? `loss ${correlated(loss)}` : `loss by ${Object.keys(loss)[0]}`),
    duplicate && `duplicate ${correlated(duplicate)}`,
    corrupt && `corrupt ${correlated(corrupt)}`,
    reorder && `reorder ${correlated(reorder)}${gap === undefined ? '' : ` gap ${gap}`}`,
    rate !== undefined && `rate ${formatRate(rate)}`,
    slot && 'in slots',
  ]
    .filter(Boolean)
    .join(', ');
}

/** What came of an impairment, for people: `1234 packets, 62 of them lost`. */
export function describeCounters(counters: readonly Counters[]): string {
  const total = (key: keyof Counters) => counters.reduce((sum, one) => sum + one[key], 0);
  const parts = [
    [total('lost'), 'lost'],
    [total('overflowed'), 'without room in the queue'],
    [total('duplicated'), 'doubled'],
    [total('corrupted'), 'damaged'],
    [total('reordered'), 'sent before others'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${total('packets')} packets${shown.length > 0 ? `, ${shown.join(', ')}` : ''}`;
}
