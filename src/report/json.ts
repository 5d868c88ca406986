import type { ReportFormat } from './report.js';

/** The whole result for programs; an infinite bound is null. */
export const json: ReportFormat = {
  name: 'json',
  description: 'the whole result, for programs',
  file: 'result.json',
  render: (result) => `${JSON.stringify(result, null, 2)}\n`,
};
