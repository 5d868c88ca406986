import { html } from './html.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';
import { openmetrics, prometheus } from './metrics.js';

/** The formats of the report on several shards; a new one is its file and a line here. */
export const mergedFormats = { html, markdown, json, junit, openmetrics, prometheus } as const;
