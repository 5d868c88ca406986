import { json } from './json.js';

/** The formats that a drill is reported in; a new one is its file and a line here. */
export const reports = { json } as const;

/** Name of a format. */
export type ReportName = keyof typeof reports;
