import pc from 'picocolors';
import type { JudgedEntry } from '../../history/entry.js';
import { paint } from '../paint.js';
import { printable } from '../printable.js';
import { SIGNS } from '../words.js';
import type { Listing } from './report.js';

/** A list for people at a terminal: a drill a line, the latest first. */
export function renderTerminal({ drills, unreadable, store, filter }: Listing): string {
  const rows = drills.map((entry) => ({ entry, cells: cellsOf(entry) }));
  const widths = [0, 1, 2, 3].map((column) =>
    rows.reduce((widest, { cells }) => Math.max(widest, cells[column]!.length), 0),
  );
  const lines = rows.map(({ entry: { drill }, cells }) => {
    const [verdict, ...rest] = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const why = drill.verdict === 'pass' ? '' : pc.dim(`  ${printable(drill.reason)}`);
    return `${paint[drill.verdict](verdict!)}  ${rest.join('  ').trimEnd()}${why}`;
  });
  const of = filter === '' ? '' : ` ${filter}`;
  return [
    ...lines,
    ...unreadable.map(({ folder, problem }) => pc.yellow(`! ${printable(folder)}: ${printable(problem!)}`)),
    ...(lines.length + unreadable.length > 0 ? [] : [`no drill${of} in ${printable(store)}`]),
    '',
  ].join('\n');
}

const cellsOf = ({ folder, drill }: JudgedEntry): string[] => [
  `${SIGNS[drill.verdict]} ${drill.verdict}`,
  `${drill.started.slice(0, 10)} ${drill.started.slice(11, 16)}`,
  `${drill.trials} ${drill.trials === 1 ? 'trial' : 'trials'}`,
  printable(folder),
];
