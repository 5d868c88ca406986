import pc from 'picocolors';
import type { DrillResult, TargetResult } from '../analysis/result.js';
import type { Estimate } from '../analysis/statistics/quantiles.js';
import { paint } from './paint.js';
import { formatInterval, formatLimit, formatMeasurement, formatValue, SIGNS } from './words.js';

/** What several trials say together, as far as there are enough of them. */
function spreadOf({ statistics, unit, decision }: TargetResult): string {
  const met = decision ? [`met in ${decision.met} of ${decision.met + decision.missed + decision.open}`] : [];
  if (!statistics) return met.join();
  const { median, p95, confidence } = statistics;
  const show = ({ measured, interval }: Estimate) =>
    [
      formatValue(measured!.value, unit),
      ...(interval ? [`(${formatInterval(interval, { unit, confidence })})`] : []),
    ].join(' ');
  return [...met, `median ${show(median)}`, ...(p95.measured ? [`p95 ${show(p95)}`] : [])].join(', ');
}

/** The summary that a run ends with: verdict first, then each target with what was measured beside its limit. */
export function renderTerminal(result: DrillResult): string {
  const { title, verdict, reason, targets, failures, problems, trials } = result;
  const lines = [
    `${paint[verdict](pc.bold(verdict.toUpperCase()))}  ${title}`,
    pc.dim(`      ${reason}`),
    '',
  ];
  const rows = targets.map((target) => ({
    verdict: target.verdict,
    cells: [
      target.text.replace(/\s*(min|median|max|p[\d.]+)?\s*[<>=].*$/, ''),
      formatMeasurement(target.measured, target.unit),
      formatLimit(target),
      spreadOf(target),
    ],
  }));
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map(({ cells }) => cells[column]!.length)));
  for (const { verdict, cells } of rows) {
    const texts = cells.map((cell, column) => cell.padEnd(widths[column]!));
    const judged = paint[verdict](`${SIGNS[verdict]} ${texts.slice(0, 3).join('   ')}`);
    lines.push(`  ${judged}   ${pc.dim(texts[3]!)}`.trimEnd());
  }
  for (const text of failures) lines.push(`  ${pc.red(`${SIGNS.fail} ${text}`)}`);
  for (const text of problems) lines.push(`  ${pc.yellow(`! ${text}`)}`);
  const invalid = trials.filter(({ valid }) => !valid);
  for (const { trial, attempt, disturbances } of invalid) {
    lines.push(
      `  ${pc.yellow(`! trial ${trial}, attempt ${attempt} is invalid: ${disturbances.join('; ')}`)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
