import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';

/** Names that Chromium and its kin have on Debian, Fedora, Arch and where their makers install them. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** How long a page may take, milliseconds; a second or two is usual. */
const PATIENCE = 60_000;

/** Chromium made no PDF: why. */
export class ChromiumFailed extends Error {
  override readonly name = 'ChromiumFailed';
}

/** The Chromium of this machine: what `CHROME_PATH` names, as for chrome-launcher, else the first in `PATH`; nothing where there is none. */
export function findChromium(
  { CHROME_PATH, PATH = '' }: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (CHROME_PATH) return CHROME_PATH;
  const folders = PATH.split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) =>
    existsSync(path),
  );
}

/**
 * Prints a page to a PDF, as it would be printed on paper.
 * @param page path of an HTML file
 * @param pdf path of the file to write
 * @throws ChromiumFailed
 */
export async function printPage(
  chromium: string,
  { page, pdf }: { page: string; pdf: string },
): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'faildrill-chromium-'));
  const argv = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    // Chromium will not sandbox for root. The page is ours: its one script too, and it asks for nothing.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--no-pdf-header-footer',
    `--user-data-dir=${profile}`,
    `--print-to-pdf=${resolve(pdf)}`,
    pathToFileURL(page).href,
  ];
  rmSync(pdf, { force: true });
  try {
    const { timedOut, exitCode, stderr, originalMessage } = await execa(chromium, argv, {
      reject: false,
      stdin: 'ignore',
      timeout: PATIENCE,
    });
    // It ends with 0 where it could not write as well.
    if (existsSync(pdf) && exitCode === 0) return;
    const said = stderr?.trim().split('\n').at(-1) || originalMessage || `exit code ${exitCode}`;
    throw new ChromiumFailed(`${chromium}: ${timedOut ? `not done after ${PATIENCE / 1000} s` : said}`);
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
