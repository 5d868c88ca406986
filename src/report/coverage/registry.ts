import { renderJson } from './json.js';
import { renderMarkdown } from './markdown.js';
import { renderTerminal } from './terminal.js';

/** The formats that the coverage of labs is shown in; a new one is its file and a line here. */
export const coverageFormats = {
  terminal: renderTerminal,
  markdown: renderMarkdown,
  json: renderJson,
} as const;
