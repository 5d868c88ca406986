import { html } from './html.js';
import { json } from './json.js';
import { markdown } from './markdown.js';

/** The formats of the programme report; a new one is its file and a line here. */
export const programmeFormats = { html, markdown, json } as const;
