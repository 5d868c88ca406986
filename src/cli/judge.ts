import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import pc from 'picocolors';
import type { DrillResult } from '../analysis/result.js';
import { tellGitHub } from '../delivery/github.js';
import { ensureFolder } from '../folders.js';
import { isInStore, noteDrill } from '../history/store.js';
import { findChromium, printPage } from '../linux/chromium-command.js';
import { reports } from '../report/registry.js';
import type { ReportFormat } from '../report/report.js';
import { renderTerminal } from '../report/terminal.js';
import { notify, type Outlets } from './notify.js';
import type { OwnTemplate } from './own-template.js';
import { withPrevious } from './previous.js';
import { judged } from './recordings.js';
import { version } from './version.js';

/** What is to become of a recording. */
interface JudgeOptions {
  /** Where the reports go. */
  folder: string;
  /** The scenario, where it is known. */
  file?: string;
  outlets: Outlets;
  /** Asked once the reports are written: whether others are to be told. */
  isToBeTold?: (result: DrillResult) => Promise<boolean>;
}

/**
 * Judges a recording, prints the summary, writes the reports, sends them; whatever becomes of these, the result is the same. Where a history
 * knows the drill, it learns of it.
 */
export async function judge(
  recording: string,
  { folder, file, outlets: { pdf, template, receivers }, isToBeTold = async () => true }: JudgeOptions,
): Promise<DrillResult> {
  const result = withPrevious(judged(recording), recording);
  if (isInStore(recording)) noteInHistory(recording, result);
  process.stdout.write(`\n${renderTerminal(result)}`);
  const { written, errors } = await writeReports(result, folder);
  if (template) errors.push(...writeOwn(template, result, folder));
  if (pdf || receivers.some(({ kind }) => kind.wantsPdf)) errors.push(...(await writePdf(written, folder)));
  console.log(`\n${pc.dim('report')}  ${relative(process.cwd(), written.html ?? written.json ?? recording)}`);
  const isTold = await isToBeTold(result);
  if (isTold) errors.push(...tellGitHub(result, { file }));
  for (const error of errors) console.error(pc.yellow(error));
  if (isTold) await notify(receivers, { result, reports: written });
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
  ensureFolder(folder);
  for (const format of Object.values(reports) as ReportFormat[]) {
    const path = join(folder, format.file);
    try {
      writeAll(path, format.pieces?.(result) ?? [await format.render(result)]);
      written[format.name] = path;
    } catch (error) {
      errors.push(`the ${format.name} report could not be written: ${(error as Error).message}`);
    }
  }
  return { written, errors };
}

function writeAll(path: string, pieces: Iterable<string>): void {
  const file = openSync(path, 'w');
  try {
    for (const piece of pieces) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
}

/** Writes the report of the user's own template. Returns what went wrong: the drill's result is the same without it. */
function writeOwn(template: OwnTemplate, result: DrillResult, folder: string): string[] {
  try {
    writeFileSync(join(folder, template.name), template.render(result));
    return [];
  } catch (error) {
    return [`the report ${template.name} could not be written: ${(error as Error).message}`];
  }
}

/** Prints the page to a PDF, and adds it to what was written. Returns what went wrong. */
async function writePdf(written: Record<string, string>, folder: string): Promise<string[]> {
  const chromium = findChromium();
  if (!chromium) return ['no PDF: there is no Chromium; apt-get install chromium, or set CHROME_PATH to one'];
  if (!written.html) return ['no PDF: there is no HTML report to print'];
  const pdf = join(folder, 'report.pdf');
  try {
    await printPage(chromium, { page: written.html, pdf });
    written.pdf = pdf;
    return [];
  } catch (error) {
    return [`no PDF: ${(error as Error).message}`];
  }
}
