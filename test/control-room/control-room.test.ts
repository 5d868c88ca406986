import { request } from 'node:http';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ControlRoom } from '../../src/control-room/control-room.js';
import { OperatorDesk } from '../../src/drill/operator-desk.js';
import { Recorder } from '../../src/drill/recorder.js';
import { Clock } from '../../src/linux/clock.js';
import { RecordingWriter } from '../../src/recording/writer.js';
import { CannotRun } from '../../src/runtime/errors.js';
import { simulate } from '../fixtures/recording.js';
import { temporaryFolder } from '../fixtures/scenario.js';
import { openBrowser } from '../page.js';

/** Asks as no browser would let one. */
function ask(
  address: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const { hostname, port } = new URL(address);
  const path = address.slice(address.indexOf('/', 8));
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        // A stream of events does not end by itself.
        if (String(response.headers['content-type']).startsWith('text/event-stream')) response.destroy();
      });
      response.on('close', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text }),
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

describe('strangers', () => {
  let room: ControlRoom;
  /** Address without a path, and the tokens. */
  let running: { base: string; token: string; operator: string };
  beforeAll(async () => {
    const desk = new OperatorDesk({ asks: true, abort: () => {} });
    room = await ControlRoom.open({ desk, port: 0 });
    const tokenOf = (role: 'director' | 'operator') => new URL(room.address(role)).searchParams.get('token')!;
    const { origin: base } = new URL(room.address('director'));
    running = { base, token: tokenOf('director'), operator: tokenOf('operator') };
  });
  afterAll(() => room[Symbol.asyncDispose]());

  const PATHS = [
    '/',
    '/operator',
    '/page.js',
    '/page.css',
    '/events',
    '/operator/events',
    '/acts',
    '/nothing',
    '//',
    '/../etc/passwd',
  ];
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

  test.each(PATHS)('without a token, or with a wrong one: %s is refused', async (path) => {
    const { base, token } = running;
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE'])
      for (const headers of [
        {},
        bearer(wrong),
        bearer(''),
        bearer(`${token}x`),
        { Cookie: `faildrill-1-director=${token}` },
      ] as Record<string, string>[])
        expect({
          path,
          method,
          headers,
          status: (await ask(base + path, { method, headers })).status,
        }).toMatchObject({ status: 403 });
    expect((await ask(`${base}${path}?token=${wrong}`)).status).toBe(403);
  });

  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example:1',
    '10.0.0.1',
  ])('a name of somebody else that points here, with the token: Host %j is refused', async (host) => {
    const { base, token } = running;
    const { status, body } = await ask(`${base}/`, { headers: { Host: host, ...bearer(token) } });
    expect({ status, body }).toEqual({ status: 403, body: 'this page is for the machine that it is on\n' });
  });

  test.each(['http://evil.example', 'null', 'http://localhost:1', 'https://127.0.0.1'])(
    'a page from elsewhere, with the token: Origin %s is refused',
    async (Origin) => {
      const { base, token } = running;
      const headers = { Origin, 'Content-Type': 'application/json', ...bearer(token) };
      const body = JSON.stringify({ act: 'abort', who: 'mallory' });
      expect((await ask(`${base}/acts`, { method: 'POST', headers, body })).status).toBe(403);
      expect((await ask(`${base}/events`, { headers })).status).toBe(403);
    },
  );

  test('who has the token comes in, by header, address or cookie; what comes is not kept, framed or embedded', async () => {
    const { base, token, operator } = running;
    expect((await ask(`${base}/`, { headers: bearer(token) })).status).toBe(200);
    const { status, headers } = await ask(`${base}/?token=${token}`);
    expect(status).toBe(200);
    const [cookie] = headers['set-cookie'] as string[];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none';.*script-src 'self';.*frame-ancestors 'none'$/,
      ),
    });
    const withCookie = { Cookie: cookie!.split(';')[0]! };
    expect((await ask(`${base}/events`, { headers: withCookie })).body).toMatch(/^retry: 1000\n/);
    const own = { ...withCookie, Host: 'localhost:80', Origin: 'http://localhost:80' };
    expect((await ask(`${base}/`, { headers: own })).status).toBe(200);
    expect((await ask(`${base}/events`, { headers: bearer(operator) })).status).toBe(403);
    expect((await ask(`${base}/nothing`, { headers: withCookie })).status).toBe(404);
  });

  test.each<[number, { method?: string; headers?: Record<string, string>; body?: string }]>([
    [405, { method: 'GET' }],
    [405, { method: 'PUT' }],
    [415, { body: '{}', headers: { 'Content-Type': 'text/plain' } }],
    [400, { body: '{' }],
    [400, { body: '{}' }],
    [400, { body: 'null' }],
    [400, { body: JSON.stringify({ act: 'cut', who: 'x' }) }],
    [400, { body: JSON.stringify({ act: 'note', who: 'x', text: 'y', more: 1 }) }],
    [
      400,
      { body: JSON.stringify({ act: 'attach', who: 'x', evidence: { file: 'a', sha256: 'b', bytes: 1 } }) },
    ],
    [409, { body: JSON.stringify({ act: 'note', who: ' ', text: 'y' }) }],
    [413, { body: JSON.stringify({ act: 'note', who: 'x', text: 'y'.repeat(1 << 17) }) }],
  ])('a message that is none: %i %j', async (status, { headers = {}, ...rest }) => {
    const { base, token } = running;
    const all = { 'Content-Type': 'application/json', ...bearer(token), ...headers };
    expect((await ask(`${base}/acts`, { method: 'POST', ...rest, headers: all })).status).toBe(status);
  });
});

test('a port that is taken is said so', async () => {
  const desk = new OperatorDesk({ asks: true, abort: () => {} });
  await using room = await ControlRoom.open({ desk, port: 0 });
  const port = Number(new URL(room.address('director')).port);
  await expect(ControlRoom.open({ desk, port })).rejects.toThrow(CannotRun);
});

describe('a page of a drill whose events come from a recording', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  test('shows what a drill has come to, takes an answer with its instant, and survives the loss of its connection', async () => {
    const clock = new Clock();
    const writer = new RecordingWriter(join(temporaryFolder(), 'recording.ndjson'));
    const desk = new OperatorDesk({ asks: true, abort: () => {} });
    await using room = await ControlRoom.open({ desk, port: 0 });
    const recorder = new Recorder(writer, (event) => room.notice(event));
    desk.open({ recorder, clock });
    onTestFinished(() => {
      desk.close();
      writer[Symbol.dispose]();
    });
    const events = simulate({
      passes: () => true,
      end: 2e9,
      faults: [{ action: 'inject', before: 1e9, after: 1.001e9 }],
      killed: true,
    });
    for (const event of events) recorder.add(event);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => void complaints.push(message));
    page.setDefaultTimeout(30_000);
    await page.goto(room.address('director'));
    await page.locator('#faults', { hasText: 'cut: a:eth1 <-> b:eth1' }).waitFor();
    recorder.add({
      k: 'instruction',
      t: clock.now(),
      name: 'ticket',
      text: '<b>Open</b> a ticket',
      within: 60e9,
    });
    await page.locator('#instruction', { hasText: '<b>Open</b> a ticket' }).waitFor();
    await page.getByLabel('Words').fill('half a sent');
    // Whatever comes in between, nobody loses what was being typed.
    recorder.add({ k: 'problem', t: clock.now(), text: 'something else' });
    await page.locator('#log', { hasText: 'something else' }).waitFor();
    expect(await page.getByLabel('Words').inputValue()).toBe('half a sent');
    await page.getByRole('button', { name: 'Confirm: done' }).click();
    // Nobody has said who they are.
    expect(recorder.data.trial!.acts).toEqual([]);
    await page.getByLabel('You are').fill('Ann');
    const earliest = clock.now();
    await page.getByRole('button', { name: 'Confirm: done' }).click();
    await page.locator('#past', { hasText: 'confirmed after' }).waitFor();
    const latest = clock.now();
    const [act] = recorder.data.trial!.acts;
    expect(act).toMatchObject({ act: 'confirm', who: 'Ann', by: 'page', text: 'half a sent' });
    expect(act!.after).toBeGreaterThan(earliest);
    expect(act!.before).toBeLessThan(latest);
    expect(act!.after - act!.before).toBeLessThan(1e9);
    await page.context().setOffline(true);
    recorder.add({ k: 'problem', t: clock.now(), text: 'said while it was away' });
    await page.reload().catch(() => {});
    await page.context().setOffline(false);
    await page.reload();
    await page.locator('#log', { hasText: 'said while it was away' }).waitFor();
    room.judged({ verdict: 'pass', reason: 'all is well' });
    await page.locator('#verdict', { hasText: 'pass: all is well' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
