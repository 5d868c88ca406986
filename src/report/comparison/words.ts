import type { Change, Comparison, Row, RowVerdict, Sample, Side } from '../../analysis/comparison/result.js';
import { quantityName } from '../../analysis/quantity.js';
import type { Unit } from '../../scenario/target.js';
import { formatInterval, formatValue } from '../words.js';

/** Sign of a row, for text. */
export const ROW_SIGNS: Record<RowVerdict, string> = {
  worse: '✗',
  better: '✓',
  same: '=',
  'not worse': '✓',
  different: '≠',
  'cannot tell': '?',
};

/** A difference: `+208 ms`; of shares in points of a percentage; `0` for none. */
export function formatDifference(value: number, unit: Unit): string {
  if (value === 0) return '0';
  const size = formatValue(Math.abs(value), unit);
  return `${value > 0 ? '+' : '−'}${unit === 'share' ? size.replace(' %', ' points') : size}`;
}

/** A median with its interval, where there are enough trials for one. */
function formatSample({ median, confidence }: Sample, unit: Unit): string {
  const value = formatValue(median.measured!.value, unit);
  return median.interval ? `${value} (${formatInterval(median.interval, { unit, confidence })})` : value;
}

/** What a row of a table says: quantity, both medians, difference, p-value, verdict. */
export function cellsOf(row: Row): string[] {
  const { unit, baseline, change, difference, interval, confidence, p } = row;
  const range =
    interval && [interval.lower, interval.upper].map((end) => formatDifference(end, unit)).join(' to ');
  return [
    quantityName(row),
    formatSample(baseline, unit),
    formatSample(change, unit),
    range
      ? `${formatDifference(difference.value, unit)} (${formatValue(confidence, 'share')}: ${range})`
      : formatDifference(difference.value, unit),
    p < 0.001 ? '< 0.001' : p.toFixed(3),
    `${row.verdict}${doubtOf(row)}`,
  ];
}

/** Heads of these columns. */
export const HEADS = ['Quantity', 'Baseline, median', 'Change, median', 'Difference', 'p', 'Verdict'];

/** How much more it would have taken to tell. */
function doubtOf({ verdict, interval, needs, detectable, unit }: Row): string {
  if (verdict !== 'cannot tell') return '';
  if (!interval) return `: needs ${needs} trials each`;
  return detectable === undefined ? '' : `: could have shown ${formatValue(detectable, unit)}`;
}

/** One of the two drills, in a line. */
export const formatSide = ({ id, trials, verdict }: Side): string =>
  `${id}, ${trials} valid ${trials === 1 ? 'trial' : 'trials'}, ${verdict}`;

/** Something else that is different, in a line. */
export const formatChange = ({ what, baseline = 'none', change = 'none' }: Change): string =>
  `${what}: ${baseline} → ${change}`;

/** What the figures mean, a sentence each. */
export function describeMethod({ tolerance, risk, rows }: Comparison): string[] {
  const limited = rows.filter(({ counts }) => counts);
  return [
    `Difference: Hodges and Lehmann's estimate; its interval holds the errors of measurement as well. A difference up to ${formatValue(tolerance, 'share')} of the baseline's median counts as none (of shares none is tolerated), and of what a target limits one within the errors of measurement, up to that share of the limit.`,
    ...(limited.length > 0
      ? [
          `Quantities that targets limit make the verdict; the chance that any of them is called worse by chance is at most ${formatValue(risk, 'share')}, so each has ${formatValue(limited[0]!.confidence, 'share')}. The others have 95 % each: of twenty, one may be off by chance.`,
        ]
      : []),
    'p: rank test of Mann and Whitney (Gehan, where bounds overlap), two-sided.',
  ];
}
