import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/analysis/judge.js';
import type { DrillResult, LabResult } from '../../src/analysis/result.js';
import { html } from '../../src/report/html.js';
import { formatLimit, formatMeasurement, SIGNS } from '../../src/report/words.js';
import { PAIR, writeScenario } from '../fixtures/scenario.js';
import { NARROW, openBrowser, openFile, PAPER, WIDE } from '../page.js';
import { drill } from './drill.js';

/** Two trials, one target of each verdict, and a link that is named the other way round. */
const SCENARIO = `name: clipair-cut
title: The link between two hosts is cut, and everything that a report can show is in it
objective: The report can be read by everybody.
lab: pair.clab.yml
tags: [quarterly]
trials: 2
validation-time: 300ms
forwarding-delay-threshold: 300ms
probes:
  app: { kind: udp, from: a, to: b, flows: 4, interval: 5ms, both-ways: true }
  login: { kind: tcp, from: a, to: b, sessions: 3 }
watches:
  carrier: { kind: carrier, node: a, interface: eth2 }
  never: { kind: log, node: a, match: never }
steady-state: [app loses nothing for 400ms]
steps:
  - parallel:
      - { inject: link-cut, link: "b:eth1 <-> a:eth1", mode: silent, as: cut }
      - { inject: link-cut, link: "b:eth2 <-> a:eth2", as: spare }
  - hold: 200ms
  - parallel: [{ clear: cut }, { clear: spare }]
  - wait: { for: recovery, within: 10s }
targets:
  - loss_of_connectivity(app) max < 2s
  - loss_of_connectivity(app) min < 20ms
  - sessions_survived(login) = 100%
  - detection_time(carrier) < 1s
  - detection_time(never) < 1s
`;

const VERDICTS: Verdict[] = ['pass', 'fail', 'inconclusive'];
type Box = Record<'left' | 'right' | 'top' | 'bottom', number>;

let folder: string;
let result: DrillResult;
let browser: Browser;
/** Whatever a page says or asks for that it should not. */
const complaints: string[] = [];

/** Opens a report: the real one, or what it would be with another verdict. */
const open = (report: 'real' | 'large' | Verdict): Promise<Page> =>
  openFile(browser, `${folder}/${report}.html`, complaints);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  const done = await drill(
    folder,
    writeScenario(folder, SCENARIO, PAIR.replace('name: pair', 'name: clipair')),
  );
  result = done.result;
  writeFileSync(join(folder, 'real.html'), readFileSync(join(done.folder, 'report.html')));
  for (const verdict of VERDICTS) {
    const problems = verdict === 'inconclusive' ? ['something disturbed the drill'] : [];
    const page = await html.render({ ...result, verdict, problems });
    writeFileSync(join(folder, `${verdict}.html`), page);
  }
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the report of a real drill', () => {
  let page: Page;
  beforeAll(async () => {
    page = await open('real');
  });

  test('needs nothing but itself, and complains about nothing', async () => {
    await page.waitForLoadState('networkidle');
    expect(await page.title()).toBe(`${result.verdict}: ${result.title}`);
    expect(complaints).toEqual([]);
  });

  test.each([WIDE, NARROW])('shows the verdict and each target, $width wide', async (viewport) => {
    await page.setViewportSize(viewport);
    const verdict = page.locator('.verdict');
    expect(await verdict.textContent()).toBe(`${SIGNS[result.verdict]} ${result.verdict}`);
    expect((await verdict.boundingBox())!.y).toBeLessThan(100);
    const rows = page.locator('table.targets tbody tr');
    expect(await rows.count()).toBe(result.targets.length);
    for (const [index, target] of result.targets.entries()) {
      const shown = [target.text, formatMeasurement(target.measured, target.unit), formatLimit(target)];
      for (const text of shown) {
        const cell = rows.nth(index).locator('td', { hasText: text }).first();
        expect({ text, visible: await cell.isVisible() }).toEqual({ text, visible: true });
      }
    }
  });

  test('names its charts for those who cannot see them', async () => {
    const tree = await page.locator('body').ariaSnapshot();
    const names = [...tree.matchAll(/img "(.*?)"/g)].map(([, name]) => name);
    expect(names).toHaveLength(await page.locator('svg:visible').count());
    expect(names).toContain('Topology of clipair: while it was broken');
    for (const { trial } of result.trials)
      expect(names).toContainEqual(
        expect.stringMatching(`^Trial ${trial}: probes, links and nodes over [\\d.]+ s$`),
      );
    for (const { text, trials } of result.targets)
      if (trials.some(({ measurement }) => Number.isFinite(measurement.value)))
        expect(names).toContain(`${text}: trials`);
  });

  test('shows its charts whole', async () => {
    await page.setViewportSize(WIDE);
    expect(await page.evaluate('cutOff()')).toEqual([]);
  });

  test('marks what was broken, whichever way round it was named', async () => {
    const broken = page.locator('.during svg.topology .link.broken title');
    expect(await broken.allTextContents()).toEqual(['a:eth1 <-> b:eth1', 'a:eth2 <-> b:eth2']);
  });

  test('looks closer at a part of a timeline: time is stretched, letters and discs are not, names stay', async () => {
    await page.setViewportSize(WIDE);
    const chart = page.locator('svg.timeline').first();
    const part = async () => {
      const [from = 0, , span = 0] = (await chart.getAttribute('viewBox'))!.split(' ').map(Number);
      return { from, span };
    };
    const sizes = () =>
      chart.evaluate((svg) => {
        const box = (selector: string) => svg.querySelector(selector)!.getBoundingClientRect();
        const [whole, name, disc] = [svg.getBoundingClientRect(), box('text.name'), box('.disc circle')];
        return {
          high: whole.height,
          name: name.width,
          nameAt: name.left - whole.left,
          disc: disc.width / disc.height,
        };
      });
    const [before, { span: whole }] = [await sizes(), await part()];
    const drag = async () => {
      await chart.scrollIntoViewIfNeeded();
      const { x, y, width } = (await chart.boundingBox())!;
      await page.mouse.move(x + width / 2, y + 40);
      await page.mouse.down();
      await page.mouse.move(x + (width * 3) / 4, y + 60, { steps: 3 });
      await page.mouse.up();
    };
    await drag();
    const closer = await part();
    expect(closer.from / whole).toBeCloseTo(1 / 2, 1);
    expect(closer.span / whole).toBeCloseTo(1 / 4, 1);
    const after = await sizes();
    expect(after.high).toBeCloseTo(before.high, 0);
    expect(after.name).toBeCloseTo(before.name, -1);
    expect(after.disc).toBeCloseTo(1, 1);
    expect(after.nameAt).toBeGreaterThan(0);
    expect(after.nameAt).toBeLessThan(20);
    expect(await chart.locator('.fine text').first().isVisible()).toBe(true);
    await chart.press('+');
    expect((await part()).span / closer.span).toBeCloseTo(1 / 2, 5);
    await chart.press('ArrowRight');
    expect((await part()).from).toBeGreaterThan(closer.from);
    await chart.press('0');
    expect(await part()).toEqual({ from: 0, span: whole });
    await drag();
    await chart.dblclick();
    expect(await part()).toEqual({ from: 0, span: whole });
    expect(await chart.locator('.fine text').first().isVisible()).toBe(false);
    await drag();
    await page.pdf();
    expect(await part()).toEqual({ from: 0, span: whole });
    expect(complaints).toEqual([]);
  });

  test('shows the lab before, while and after it was broken, one at a time, and all of them on paper', async () => {
    const shown = () =>
      page.locator('svg.topology:visible').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel));
    const names = (moments: readonly string[]) => moments.map((moment) => `Topology of clipair: ${moment}`);
    const moments = ['before', 'while it was broken', 'after it was cleared'];
    await page.getByRole('radio', { name: 'After it was cleared' }).check();
    expect(await shown()).toEqual(names(moments.slice(2)));
    await page.keyboard.press('ArrowLeft');
    expect(await shown()).toEqual(names(moments.slice(1, 2)));
    expect(await page.locator('.during .link.primary, .after .link.broken').count()).toBe(0);
    expect(await page.locator('.before .link.primary').count()).toBeGreaterThan(0);
    await page.emulateMedia({ media: 'print' });
    expect(await shown()).toEqual(names(moments));
    await page.emulateMedia({ media: null });
  });
});

test.each([6, 40])(
  'a lab of %d nodes can be read: none covers another, and names are large enough',
  async (count) => {
    // A headquarters with two providers, and branches behind both.
    const sites = Array.from({ length: count - 4 }, (_, index) => `branch-${index + 1}`);
    const pairs = [
      ['clients', 'hq'],
      ...['isp1', 'isp2'].flatMap((isp) => [['hq', isp], ...sites.map((site) => [isp, site])]),
    ] as [string, string][];
    const lab: LabResult = {
      ...result.lab,
      nodes: [...new Set(pairs.flat())].map((name) => ({ name, image: 'host' })),
      links: pairs.map(([a, b], index) => ({
        name: `${a} <-> ${b}`,
        ends: [a, b].map((node) => ({ node, interface: `eth${index}` })),
      })),
      broken: ['hq <-> isp1'],
    };
    writeFileSync(join(folder, 'large.html'), await html.render({ ...result, lab }));
    const page = await open('large');
    const boxes = await page
      .locator('.during svg.topology .node rect')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON() as Box));
    expect(boxes).toHaveLength(count);
    const apart = (a: Box, b: Box) =>
      a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
    for (const [index, box] of boxes.entries())
      for (const other of boxes.slice(index + 1)) expect(apart(box, other)).toBe(true);
    const scale = await page
      .locator('.during svg.topology')
      .evaluate(
        (svg) => svg.getBoundingClientRect().width / Number(svg.getAttribute('viewBox')!.split(' ')[2]),
      );
    expect(scale).toBeGreaterThan(0.79);
    expect(await page.evaluate('cutOff()')).toEqual([]);
    await page.close();
  },
);

describe.each(VERDICTS)('the report of a drill: %s', (verdict) => {
  let page: Page;
  beforeAll(async () => {
    page = await open(verdict);
  });

  /** Texts that are too pale for what is behind them. */
  async function pale() {
    const seen: { text: string; ratio: number }[] = await page.evaluate('contrasts()');
    expect(seen.length).toBeGreaterThan(100);
    return seen.filter(({ ratio }) => ratio < 4.5);
  }

  test.each(['light', 'dark'] as const)('can be read: %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const [red] = /\d+/.exec(await page.evaluate('getComputedStyle(document.body).backgroundColor'))!;
    expect(Number(red) > 128).toBe(colorScheme === 'light');
    expect(await pale()).toEqual([]);
  });

  test.each([WIDE, NARROW])('fits a screen, $width wide', async (viewport) => {
    await page.setViewportSize(viewport);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    expect(await page.evaluate('tooWide({ paper: false })')).toEqual([]);
  });

  test('fits on paper, with what is folded on a screen, in colours for paper', async () => {
    await page.setViewportSize(PAPER);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('tooWide({ paper: true })')).toEqual([]);
    expect(await page.locator('.steps li').first().isVisible()).toBe(true);
    expect(await pale()).toEqual([]);
    const pdf = await page.pdf({ format: 'A4', margin: { left: '10mm', right: '10mm' } });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(20_000);
  });
});
