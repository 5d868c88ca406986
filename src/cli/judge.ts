import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import pc from 'picocolors';
import type { DrillResult } from '../analysis/result.js';
import { isInStore, noteDrill } from '../history/store.js';
import { reports } from '../report/registry.js';
import type { ReportFormat } from '../report/report.js';
import { renderTerminal } from '../report/terminal.js';
import { judged } from './recordings.js';
import { version } from './version.js';

/** Judges a recording, prints the summary, writes the reports. Where a history knows the drill, it learns of it. */
export async function judge(recording: string, folder: string): Promise<DrillResult> {
  const result = judged(recording);
  if (isInStore(recording)) noteInHistory(recording, result);
  process.stdout.write(`\n${renderTerminal(result)}`);
  const { written, errors } = await writeReports(result, folder);
  console.log(`\n${pc.dim('report')}  ${relative(process.cwd(), written.html ?? written.json ?? recording)}`);
  for (const error of errors) console.error(pc.yellow(error));
  return result;
}

/** Notes a drill in the index of its store. A listing finds it without; so where that fails, nothing is lost but time. */
function noteInHistory(recording: string, result: DrillResult): void {
  try {
    noteDrill(recording, result, version);
  } catch (error) {
    console.error(pc.yellow(`the index of the history could not be written: ${(error as Error).message}`));
  }
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
