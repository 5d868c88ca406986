import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeProgramme } from '../fixtures/programme.js';
import { keep, recordingOf } from '../fixtures/store.js';
import { MIDDLE, NARROW, openBrowser, openFile, PAPER, WIDE } from '../page.js';
import { faildrill } from './drill.js';

let folder: string;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  writeProgramme(folder);
  const outages: Record<string, number> = {
    '2025-05-10': 300,
    '2025-11-10': 390,
    '2026-01-10': 310,
    '2026-02-10': 450,
  };
  for (const [day, outage] of Object.entries(outages))
    keep(
      join(folder, 'reports'),
      `cut-${day}`,
      recordingOf({ started: `${day}T10:00:00.000Z`, outages: [outage] }),
    );
  expect((await faildrill(folder, 'programme', 'report', '--at', '2026-04-01')).exitCode).toBe(0);
  browser = await openBrowser();
  page = await openFile(browser, `${folder}/reports/programme-pair/report.html`, complaints);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('needs nothing but itself', async () => {
  await page.waitForLoadState('networkidle');
  expect(complaints).toEqual([]);
});

test('says first what a manager has to know, then shows each part with a table', async () => {
  expect(await page.locator('.sentences li').allTextContents()).toEqual([
    'Of 2 drills: 1 due, 1 on merge.',
    'Of 1 services: 1 outside its limits.',
    '1 of 4 single failures of the labs were drilled by themselves.',
    '1 of 2 findings open, with 1 actions overdue.',
    'The next drill is to be done by 2026-06-30.',
  ]);
  expect(await page.locator('h2').allTextContents()).toEqual([
    'Scope and participants',
    'Planned and actual, 2026-Q2',
    'Results by service',
    'Trend over quarters',
    'Single failures of pair',
    'Findings and actions',
    'Reviews',
    'How to read this',
  ]);
  expect(await page.locator('table').count()).toBe(7);
});

test('the trend has a dot for each drill, in the colour of what the service is allowed', async () => {
  const dots = page.locator('svg.trend .dot');
  const classes = await dots.evaluateAll((all) => all.map((dot) => dot.getAttribute('class')));
  expect(classes).toEqual(['dot pass', 'dot pass', 'dot pass', 'dot fail']);
});

test('leads to the reports of the drills', async () => {
  const links = await page
    .locator('table a')
    .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(new Set(links)).toEqual(new Set(['../cut-2026-02-10/report.html']));
});

test.each([WIDE, MIDDLE, NARROW])('fits a screen, $width wide', async (viewport) => {
  await page.setViewportSize(viewport);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
  expect(await page.evaluate('tooWide({ paper: false })')).toEqual([]);
  expect(await page.evaluate('cutOff()')).toEqual([]);
});

test.each(['light', 'dark'] as const)('can be read: %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  const seen: { ratio: number }[] = await page.evaluate('contrasts()');
  expect(seen.length).toBeGreaterThan(80);
  expect(seen.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
});

test('fits on paper', async () => {
  await page.setViewportSize(PAPER);
  await page.emulateMedia({ media: 'print' });
  expect(await page.evaluate('tooWide({ paper: true })')).toEqual([]);
});
