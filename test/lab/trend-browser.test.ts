import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { targets } from '../fixtures/recording.js';
import { keep, recordingOf } from '../fixtures/store.js';
import { NARROW, openBrowser, openFile, PAPER, WIDE } from '../page.js';
import { faildrill } from './drill.js';

let folder: string;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  const store = join(folder, 'reports');
  const scenario = targets('recovery_time(app) max < 1s', 'loss_of_connectivity(app) < 800ms');
  // The third misses a limit, the fourth never recovers, the last is cut off.
  for (const [index, outages] of [[300, 320], [310, 330], [850, 900], [9000]].entries())
    keep(
      store,
      `cut-${index}`,
      recordingOf({ started: `2026-0${index + 1}-10T10:00:00.000Z`, name: 'cut', outages, scenario }),
    );
  keep(store, 'flap-1', recordingOf({ started: '2026-03-10T10:00:00.000Z', name: 'flap', killed: true }));
  keep(store, 'broken', 'x\n');
  const made = await faildrill(folder, 'history', '--format', 'html', '--out', 'reports/trend.html');
  expect(made).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  browser = await openBrowser();
  page = await openFile(browser, `${store}/trend.html`, complaints);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('needs nothing but itself', async () => {
  await page.waitForLoadState('networkidle');
  expect(complaints).toEqual([]);
});

test('shows each target of each drill, in the colour of its verdict, with what it was', async () => {
  const charts = page.locator('svg.trend');
  expect(await charts.count()).toBe(2);
  expect(await charts.first().getAttribute('aria-label')).toBe('recovery_time(app) max: 4 drills');
  const dots = charts.first().locator('.dot');
  const classes = await dots.evaluateAll((all) => all.map((dot) => dot.getAttribute('class')));
  expect(classes).toEqual(['dot pass', 'dot pass', 'dot pass', 'dot fail']);
  const said = await charts.first().locator('.dot title').allTextContents();
  expect(said[2]).toMatch(/^cut-2: 9\d\d ms \[.*\], pass \(recovery_time\(app\) max < 1s\)$/);
  expect(said[3]).toMatch(/^cut-3: not recovered \(more than .*\), fail/);
  // To the one that never recovered no line can lead.
  expect(await charts.first().locator('.median').count()).toBe(2);
  const heights = await dots.evaluateAll((all) => all.map((dot) => dot.getBoundingClientRect().y));
  expect(heights).toEqual([...heights].sort((a, b) => b - a));
});

test('draws bounds inside the chart, also of what never came to its end', async () => {
  const outside = await page.locator('svg.trend .error, svg.trend .dot').evaluateAll((all) =>
    all.filter((shape) => {
      const [inner, outer] = [shape, shape.closest('svg')!].map((one) => one.getBoundingClientRect());
      return inner!.top < outer!.top || inner!.bottom > outer!.bottom;
    }),
  );
  expect(outside).toEqual([]);
});

test('lists the drills with links to their reports, and what cannot be judged', async () => {
  const links = page.locator('table.drills a');
  expect(await links.allTextContents()).toEqual(['cut-3', 'cut-2', 'cut-1', 'cut-0', 'flap-1']);
  expect(await links.first().getAttribute('href')).toBe('./cut-3/report.html');
  expect(await page.locator('main').textContent()).toContain(
    '4 drills, 2026-01-10 to 2026-04-10: 2 pass, 2 fail.',
  );
  expect(await page.locator('.problems li').allTextContents()).toEqual(['broken: not a recording']);
});

test.each([WIDE, NARROW])('fits a screen, $width wide', async (viewport) => {
  await page.setViewportSize(viewport);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
  expect(await page.evaluate('tooWide({ paper: false })')).toEqual([]);
  expect(await page.evaluate('cutOff()')).toEqual([]);
});

test.each(['light', 'dark'] as const)('can be read: %s', async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  const seen: { ratio: number }[] = await page.evaluate('contrasts()');
  expect(seen.length).toBeGreaterThan(40);
  expect(seen.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
});

test('fits on paper', async () => {
  await page.setViewportSize(PAPER);
  await page.emulateMedia({ media: 'print' });
  expect(await page.evaluate('tooWide({ paper: true })')).toEqual([]);
});
