import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { packageFile } from '../../src/paths.js';
import { GAME } from '../fixtures/game.js';
import { temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { openBrowser } from '../page.js';
import { expectAborted } from './aborted.js';
import { faildrill, type Left, leftIn } from './drill.js';
import { expectNothingLeft, trace } from './machine.js';

/** What could become markup, or hide. */
const NASTY = `<img src=x onerror="document.title='hit'">"q" 'r' & ü 😀 \u001b[31m\u202e`;
const SHOWN = `<img src=x onerror="document.title='hit'">"q" 'r' & ü 😀 ␛[31m�`;

/** A busy machine takes its time to judge a drill, milliseconds. */
const PATIENCE = 60_000;

interface Running {
  child: ReturnType<typeof faildrill>;
  /** Addresses with their tokens. */
  director: string;
  operator: string;
  folder: string;
  /** What the drill came to, once it is over. */
  over(): Promise<Left & { stderr: string }>;
}

/** Starts a drill with a page; it is ended with the test. */
async function start(scenario = GAME): Promise<Running> {
  const folder = temporaryFolder();
  const child = faildrill(folder, 'run', '--ui', '--out', 'reports', writeScenario(folder, scenario));
  onTestFinished(async () => {
    child.kill('SIGINT');
    await child;
  });
  let said = '';
  const [, director = '', operator = ''] = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /control room\s+(\S+)\nfor operators\s+(\S+)\n/.exec(said);
      if (found) resolve(found);
    });
    child.stderr!.on('end', () => reject(new Error(`the drill ended before it had a page: ${said}`)));
  });
  const over = async () => {
    const { exitCode, stderr } = await child;
    return { code: exitCode, stderr, ...leftIn(join(folder, 'reports')) };
  };
  return { child, director, operator, folder, over };
}

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

/** Whatever a page complains of. */
const complaints: string[] = [];

async function open(address: string, context?: BrowserContext): Promise<Page> {
  const page = await (context ?? browser).newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', ({ message }) => void complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && void complaints.push(message.text()));
  onTestFinished(() => page.close());
  await page.goto(address);
  return page;
}

const beAnn = (page: Page) => page.getByLabel('You are').fill('Ann');
const noticed = (page: Page) => page.getByRole('button', { name: 'I noticed something' });
const confirm = (page: Page) => page.getByRole('button', { name: 'Confirm: done' });
const instruction = (page: Page, text: string) =>
  page.locator('#instruction', { hasText: text }).waitFor({ state: 'visible' });
const isOver = (page: Page) => page.getByText('faildrill has ended').waitFor();

/** The drill has broken what it breaks. */
const cut = (page: Page) => page.locator('#faults', { hasText: 'cut: a:eth1' }).waitFor();

/** In the browser: when the instruction was shown that waits for an answer. */
const INSTRUCTION_NOW = `new Promise((resolve) => {
  const source = new EventSource('/events');
  source.addEventListener('state', ({ data }) => {
    source.close();
    resolve(JSON.parse(data).what.instruction.t);
  });
})`;

/** In the browser: sends a message; what came of it. */
const sending = (message: object) => `fetch('/acts', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: ${JSON.stringify(JSON.stringify(message))},
}).then(async (response) => response.status + ' ' + (await response.text()))`;

describe('a game day', () => {
  test('is clicked through in a browser: what was seen, said and attached is in the report, with its times', async () => {
    const before = trace();
    complaints.length = 0;
    const drill = await start();
    const page = await open(drill.director);
    // Nobody reads the token off a shared screen.
    expect(page.url()).not.toContain('token');
    await beAnn(page);
    await cut(page);
    expect(await page.locator('#phase').textContent()).toMatch(/^Now: wait for notice/);
    expect(await page.locator('#steps .next').textContent()).toContain('ask service desk: Open a ticket');
    await page.locator('.probe', { hasText: /app udp\s*loss (100|\d\d(\.\d)?) %/ }).waitFor();
    expect(await page.locator('#watches').textContent()).toContain('no signal yet');

    const clicked = Date.now();
    await page.getByLabel('What is wrong').fill(NASTY);
    await noticed(page).click();
    await instruction(page, 'Open a ticket');
    const shown = Date.now();
    await page.locator('#timer', { hasText: 'late' }).waitFor();
    const file = join(drill.folder, `phone "log" <b>.txt`);
    writeFileSync(file, 'rang at nine');
    await page.getByLabel('Words').fill('done & told');
    await page.getByLabel('Text').first().fill('INC-17');
    await page.locator('#answer input[type=file]').setInputFiles(file);
    const answered = Date.now();
    await confirm(page).click();
    await instruction(page, 'Call the provider');
    const next = Date.now();
    await page.getByLabel('Note').fill(NASTY);
    await page.getByRole('button', { name: 'Write it down' }).click();
    await page.locator('#log', { hasText: `Ann, note: ${SHOWN}` }).waitFor();
    await page.locator('#log', { hasText: 'Ann, attach: phone' }).waitFor();
    expect(await page.locator('#log img').count()).toBe(0);
    await confirm(page).click();
    await isOver(page);
    expect(await page.locator('#verdict').textContent()).toMatch(/^(pass|inconclusive): /);
    expect(complaints).toEqual([]);

    const { result } = await drill.over();
    const [trial] = result.trials;
    expect(trial!.instructions).toMatchObject([
      {
        name: 'ticket',
        ending: 'confirmed',
        by: 'Ann',
        who: 'service desk',
        note: 'done & told',
        late: true,
        planned: 200e6,
        evidence: [
          { text: 'INC-17' },
          {
            file: `phone "log" <b>.txt`,
            bytes: 12,
            sha256: createHash('sha256').update('rang at nine').digest('hex'),
          },
        ],
      },
      { name: 'call', ending: 'confirmed', evidence: [] },
    ]);
    expect(trial!.remarks.map(({ kind, who, text }) => ({ kind, who, text }))).toEqual([
      { kind: 'notice', who: 'Ann', text: SHOWN },
      { kind: 'note', who: 'Ann', text: SHOWN },
    ]);
    // The bounds hold what a stop watch beside the browser says, and are narrow enough to be of use.
    const { lower, upper } = trial!.instructions[0]!.response;
    expect(lower).toBeLessThanOrEqual((next - clicked) * 1e6);
    expect(upper).toBeGreaterThanOrEqual((answered - shown) * 1e6);
    expect(upper - lower).toBeLessThan(1e9);
    const detection = result.measured.find(({ metric }) => metric === 'operator_detection_time')!;
    expect(detection.trials[0]!.measurement.missing).toBeUndefined();
    await expectNothingLeft(before);
  });

  test('two tabs see the same; what one has confirmed the other cannot confirm again', async () => {
    const drill = await start();
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const ann = await open(drill.director, context);
    const bob = await open(drill.director, context);
    for (const page of [ann, bob]) await page.getByLabel('You are').fill(page === ann ? 'Ann' : 'Bob');
    await cut(bob);
    await noticed(ann).click();
    for (const page of [ann, bob]) await instruction(page, 'Open a ticket');
    const t = await bob.evaluate(INSTRUCTION_NOW);
    await confirm(ann).click();
    await instruction(bob, 'Call the provider');
    // What a page sends that did not hear that Ann was faster.
    const message = { act: 'confirm', who: 'Bob', instruction: t };
    const second = await bob.evaluate(sending(message));
    expect(second).toBe('409 this instruction does not wait for an answer any more\n');
    await confirm(ann).click();
    await Promise.all([isOver(ann), isOver(bob)]);
    const { result } = await drill.over();
    expect(result.trials[0]!.instructions.map(({ by }) => by)).toEqual(['Ann', 'Ann']);
  });

  test('a browser that was away sees what is so now, and those who are drilled see nothing of the drill', async () => {
    const drill = await start();
    const page = await open(drill.director);
    await beAnn(page);
    await cut(page);
    const blind = await open(drill.operator);
    await blind.getByText('connected').waitFor();
    const text = await blind.evaluate('document.body.innerText');
    expect(text).not.toMatch(/cut|a:eth1|The link|wait for|loss/);
    const refused = await blind.evaluate(`fetch('/events').then(({ status }) => status)`);
    expect(refused).toBe(403);

    await page.context().setOffline(true);
    await page.reload().catch(() => {});
    await blind.getByLabel('You are').fill('Bob');
    await noticed(blind).click();
    await instruction(blind, 'Open a ticket');
    await page.context().setOffline(false);
    await page.reload();
    await instruction(page, 'Open a ticket');
    expect(await page.locator('#log').textContent()).toContain('Bob, notice');
    expect(await page.locator('#faults').textContent()).toContain('cut: a:eth1 <-> b:eth1');
    for (const what of ['Open a ticket', 'Call the provider']) {
      await instruction(blind, what);
      await confirm(blind).click();
    }
    await isOver(blind);
  });

  test('an abort heals, says who it was, and leaves nothing', async () => {
    const before = trace();
    const drill = await start();
    const page = await open(drill.director);
    await beAnn(page);
    await cut(page);
    await page.getByRole('button', { name: 'Abort and heal' }).click();
    // It takes two clicks.
    expect(await page.locator('#log').textContent()).not.toContain('abort');
    await page.getByLabel('Why').fill('wrong lab');
    await page.getByRole('button', { name: 'Abort now' }).click();
    await isOver(page);
    await expectAborted(await drill.over(), before);
  });
});

describe('the page', () => {
  test.each([
    { width: 390, height: 844 },
    { width: 1280, height: 800 },
  ])('fits a screen, $width wide, and can be read', async (viewport) => {
    const drill = await start();
    const page = await open(drill.director);
    await page.evaluate(readFileSync(packageFile('test/lab/page-checks.js'), 'utf8'));
    await page.setViewportSize(viewport);
    await beAnn(page);
    await cut(page);
    await noticed(page).click();
    await instruction(page, 'Open a ticket');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const seen: { text: string; ratio: number }[] = await page.evaluate('contrasts()');
      expect(seen.length).toBeGreaterThan(20);
      expect(seen.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    expect(await page.evaluate('tooWide({ paper: false })')).toEqual([]);
  });
});
