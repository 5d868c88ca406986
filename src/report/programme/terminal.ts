import pc from 'picocolors';
import type { Verdict } from '../../analysis/judge.js';
import type { ProgrammeResult } from '../../programme/result.js';
import { paint } from '../paint.js';
import { printable } from '../printable.js';
import { SIGNS } from '../words.js';
import { dueWords, personWords, STATE_VERDICTS, sentencesOf } from './words.js';

const sign = (verdict: Verdict | '') => (verdict === '' ? ' ' : paint[verdict](SIGNS[verdict]));

/** Where a programme stands, for people at a terminal: a drill a line, then the actions that are late. */
export function renderTerminal(result: ProgrammeResult): string {
  const rows = result.drills.map((drill) => {
    const { name, frequency, owner, due } = drill;
    const last = due.last
      ? `last ${due.last.drill.started.slice(0, 10)} ${due.last.drill.verdict}`
      : 'never drilled';
    const cells = [name, dueWords(drill), last, frequency, personWords(result, owner)].map(printable);
    return { state: due.state, cells };
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map(({ cells }) => cells[column]!.length)));
  const late = result.findings.flatMap(({ id, overdue }) =>
    overdue.map(({ what, owner, due }) => `${id}: ${what}, by ${personWords(result, owner)}, was due ${due}`),
  );
  return [
    pc.bold(`${printable(result.title)}, ${result.today}`),
    ...rows.map(
      ({ state, cells }) =>
        `${sign(STATE_VERDICTS[state])} ${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}`,
    ),
    ...late.map((text) => `${sign('fail')} ${printable(text)}`),
    ...sentencesOf(result).map((sentence) => pc.dim(printable(sentence))),
    '',
  ].join('\n');
}
