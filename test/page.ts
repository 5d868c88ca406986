import { type Browser, chromium, type Page } from 'playwright-core';
import { packageFile } from '../src/paths.js';

export const WIDE = { width: 1280, height: 800 };
export const MIDDLE = { width: 768, height: 1024 };
export const NARROW = { width: 390, height: 844 };
/** Width of A4 without margins of 10 mm, in CSS pixels. */
export const PAPER = { width: Math.round((190 / 25.4) * 96), height: 1000 };

/** Debian's Chromium. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

/** Opens a page of a file, with the checks of page-checks.js; whatever it says, or asks for beyond its file, is a complaint. */
export async function openFile(browser: Browser, file: string, complaints: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: WIDE });
  page.on('console', (message) => void complaints.push(`console: ${message.text()}`));
  page.on('pageerror', ({ message }) => void complaints.push(`error: ${message}`));
  page.on('requestfailed', (request) => void complaints.push(`failed: ${request.url()}`));
  await page.route(/^(?!file:)/, (route) => {
    complaints.push(`asked for ${route.request().url()}`);
    return route.abort();
  });
  page.setDefaultTimeout(20_000);
  await page.addInitScript({ path: packageFile('test/lab/page-checks.js') });
  await page.goto(`file://${file}`);
  return page;
}
