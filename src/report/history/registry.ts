import { renderHtml } from './html.js';
import { renderJson } from './json.js';
import { renderTerminal } from './terminal.js';

/** The formats that a list of drills is shown in; a new one is its file and a line here. */
export const historyFormats = {
  terminal: renderTerminal,
  json: renderJson,
  html: renderHtml,
} as const;
