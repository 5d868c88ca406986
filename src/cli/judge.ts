import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import pc from 'picocolors';
import type { DrillResult } from '../analysis/result.js';
import { reports } from '../report/registry.js';
import type { ReportFormat } from '../report/report.js';
import { renderTerminal } from '../report/terminal.js';
import { exitCodeOf } from './exit.js';
import { judged } from './recordings.js';

/** Judges a recording, prints the summary, writes the reports. Returns the exit code that it means. */
export async function judge(recording: string, folder: string): Promise<number> {
  const result = judged(recording);
  process.stdout.write(`\n${renderTerminal(result)}`);
  const { written, errors } = await writeReports(result, folder);
  console.log(`\n${pc.dim('report')}  ${relative(process.cwd(), written.html ?? written.json ?? recording)}`);
  for (const error of errors) console.error(pc.yellow(error));
  return exitCodeOf(result);
}

/** Writes every report. One that throws must not cost the others. */
async function writeReports(result: DrillResult, folder: string) {
  const written: Record<string, string> = {};
  const errors: string[] = [];
  mkdirSync(folder, { recursive: true });
  for (const format of Object.values(reports) as ReportFormat[]) {
    const path = join(folder, format.file);
    try {
      writeFileSync(path, await format.render(result));
      written[format.name] = path;
    } catch (error) {
      errors.push(`the ${format.name} report could not be written: ${(error as Error).message}`);
    }
  }
  return { written, errors };
}
