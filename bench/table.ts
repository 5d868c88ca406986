/** One line of what was promised and what came out. */
export interface Row {
  what: string;
  target: string;
  measured: string;
  ok: boolean;
}

/** Lines as a Markdown table, with columns as wide as what is in them. */
export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) =>
    Math.max(text.length, ...lines.map((line) => line[column]!.length)),
  );
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row)].join('\n');
}

/** What was promised and what came out. */
export const resultTable = (rows: readonly Row[]): string =>
  markdown(
    ['what', 'target', 'measured', ''],
    rows.map(({ what, target, measured, ok }) => [what, target, measured, ok ? 'ok' : 'MISSED']),
  );
