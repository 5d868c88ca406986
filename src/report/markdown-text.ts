/** Text that Markdown must not take for markup, in a table cell. */
export const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&$]/g, '\\$&')
    // At the beginning these would make a list.
    .replace(/^[-+]/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

/** A table, with its cells as they are to stand. */
export const table = (head: readonly string[], rows: readonly string[][]): string[] => [
  row(...head),
  row(...head.map(() => '---')),
  ...rows.map((cells) => row(...cells)),
];
