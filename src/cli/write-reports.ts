import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrillResult } from '../analysis/result.js';
import { reports } from '../report/registry.js';
import type { ReportFormat } from '../report/report.js';

/**
 * Writes a drill's reports. One that throws must not cost the others.
 * @returns path of each report, by format, and what went wrong
 */
export async function writeReports(
  result: DrillResult,
  folder: string,
): Promise<{ paths: Record<string, string>; errors: string[] }> {
  const paths: Record<string, string> = {};
  const errors: string[] = [];
  for (const format of Object.values(reports) as ReportFormat[]) {
    const path = join(folder, format.file);
    try {
      writeFileSync(path, await format.render(result));
      paths[format.name] = path;
    } catch (error) {
      errors.push(`the ${format.name} report could not be written: ${(error as Error).message}`);
    }
  }
  return { paths, errors };
}
