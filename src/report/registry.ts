import { html } from './html.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';
import { openmetrics } from './openmetrics.js';
import { prometheus } from './prometheus.js';

/** The formats that a drill is reported in; a new one is its file and a line here. */
export const reports = { html, json, junit, markdown, prometheus, openmetrics } as const;
