import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compiled, packageFile } from '../../src/paths.js';
import type { Event } from '../../src/recording/events.js';
import { simulate, targets } from '../fixtures/recording.js';
import { temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { drill } from './drill.js';
import { type Island, makeIsland } from './island.js';

const MS = 1e6;

/** When the recorded drill ended: it began with the year 2026. */
const END = Date.UTC(2026, 0, 1) / 1000 + 3.9;

/** A title that breaks what is not escaped; on one line, and without what no format can hold. */
const NASTY = `<b>"x"</b> & 'q' | a,b *c* ü 😀 %0A ::error:: <!channel> @all\nBcc: x@x \u0007`;
const KEPT = NASTY.replace('\n', ' ').replace('\u0007', '\ufffd');

/** Writes the recording of a drill with an outage, which a second is allowed for; returns its folder. */
function recorded(outage: number, limits: string[] = []): string {
  const scenario = { title: NASTY, ...(limits.length > 0 && targets(...limits)) };
  const events: Event[] = simulate({
    end: 4000 * MS,
    passes: (at) => at < 1000 * MS || at >= 1000 * MS + outage,
    scenario: { 'validation-time': 500 * MS, ...scenario },
    faults: [
      { action: 'inject', before: 1000 * MS, after: 1001 * MS },
      { action: 'clear', before: 3000 * MS, after: 3001 * MS },
    ],
  });
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'recording.ndjson'),
    events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
  return folder;
}

/** Judges a recording in an island, by the real command line. */
const analyze = (island: Island, folder: string, argv: string[], env: Record<string, string> = {}) =>
  island.run([process.execPath, compiled('cli/main'), 'analyze', folder, ...argv], env);

const notifying = (...receivers: string[]) => receivers.flatMap((receiver) => ['--notify', receiver]);

interface Request {
  method: string;
  url: string;
  type: string;
  authorization?: string;
  body: string;
}

interface Mail {
  from: string;
  to: string[];
  user?: string;
  mail: {
    subject: string;
    text: string;
    headers: { key: string }[];
    attachments: { filename: string; mimeType: string; content: string }[];
  };
}

/** Starts servers that say what they were sent. */
async function startReceivers(island: Island) {
  const { lines } = await island.start(
    /ready/,
    process.execPath,
    packageFile('test/lab/receivers-of-results.js'),
  );
  /** What they were sent, once it is so much: the pipe from them may be behind. */
  return async <T>(count: number): Promise<T[]> => {
    const said = () => lines.filter((line) => line.startsWith('{'));
    for (let tries = 0; tries < 100 && said().length < count; tries++) await sleep(50);
    expect(said()).toHaveLength(count);
    return said().map((line) => JSON.parse(line) as T);
  };
}

test('chats and programs get the result as each of them reads it', async () => {
  const island = await makeIsland();
  const received = await startReceivers(island);
  const { exitCode, stdout, stderr } = await analyze(
    island,
    recorded(300 * MS),
    notifying(
      'slack+http://127.0.0.1:8080/T0/secret',
      'teams+http://127.0.0.1:8080/teams',
      'mattermost+http://127.0.0.1:8080/hooks/x',
    ),
    { FAILDRILL_NOTIFY: 'http://me:pass%20word@127.0.0.1:8080/any?x=1' },
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('sent to slack 127.0.0.1:8080\n');
  expect(stdout).not.toContain('secret');
  expect(stdout).not.toContain('pass%20word');
  const requests = await received<Request>(4);
  for (const { method, type } of requests)
    expect({ method, type }).toEqual({ method: 'POST', type: 'application/json; charset=utf-8' });
  expect(requests.map(({ url }) => url)).toEqual(['/T0/secret', '/teams', '/hooks/x', '/any?x=1']);
  expect(requests[3]!.authorization).toBe(`Basic ${Buffer.from('me:pass word').toString('base64')}`);
  const [slack, teams, mattermost, any] = requests.map(({ body }) => JSON.parse(body));
  const heading = `✓ PASS: ${KEPT}`;
  const limit = /^300 ms \[29\d ms, 30\d ms\], limit max < 1 s$/;
  expect(slack.blocks[0].text).toEqual({ type: 'plain_text', text: heading, emoji: false });
  expect(slack.text).toContain('&lt;!channel&gt;');
  expect(slack.blocks[2].fields[0].text.split('\n')).toEqual([
    '✓ loss_of_connectivity(app) < 1s',
    expect.stringMatching(limit),
  ]);
  const card = teams.attachments[0].content;
  expect(card.body[0].inlines[0]).toMatchObject({ type: 'TextRun', text: heading, color: 'Good' });
  expect(card.body.at(-1).inlines[0].text).toMatch(limit);
  expect(mattermost.attachments[0]).toMatchObject({ color: '#1a7f37', fallback: heading });
  expect(any).toMatchObject({ verdict: 'pass', title: NASTY, targets: [{ verdict: 'pass', limit: 1e9 }] });
});

test('mail: the summary, with the PDF attached', async () => {
  const island = await makeIsland();
  const received = await startReceivers(island);
  const { exitCode, stderr } = await analyze(
    island,
    recorded(1500 * MS),
    notifying('mailto:noc@a.test,b@b.test'),
    {
      FAILDRILL_SMTP: 'smtp://me:pass%20word@127.0.0.1:25',
      FAILDRILL_MAIL_FROM: 'Drills <drills@a.test>',
    },
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const [{ from, to, user, mail } = {} as Mail] = await received<Mail>(1);
  expect({ from, to, user }).toEqual({
    from: 'drills@a.test',
    to: ['noc@a.test', 'b@b.test'],
    user: 'me:pass word',
  });
  expect(mail.subject).toBe(`✗ FAIL: ${KEPT}`);
  expect(mail.headers.map(({ key }) => key)).not.toContain('bcc');
  expect(mail.text).toContain('The drill failed. Missed: loss_of_connectivity(app) < 1s.');
  expect(mail.attachments).toMatchObject([{ filename: 'pair-cut-report.pdf', mimeType: 'application/pdf' }]);
  expect(Buffer.from(mail.attachments[0]!.content, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
});

test('mail without a Chromium: the page attached, by the mail server of this machine', async () => {
  const island = await makeIsland();
  const received = await startReceivers(island);
  const folder = recorded(300 * MS);
  const { exitCode, stderr } = await analyze(island, folder, notifying('mailto:noc@a.test'), {
    PATH: '/nowhere',
    CHROME_PATH: '',
    FAILDRILL_SMTP: '',
  });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: 'no PDF: there is no Chromium; apt-get install chromium, or set CHROME_PATH to one',
  });
  const [{ mail } = {} as Mail] = await received<Mail>(1);
  expect(mail.attachments).toMatchObject([{ filename: 'pair-cut-report.html', mimeType: 'text/html' }]);
  expect(Buffer.from(mail.attachments[0]!.content, 'base64').toString()).toBe(
    readFileSync(join(folder, 'report.html'), 'utf8'),
  );
});

test('a receiver that is down or says no is said, and changes nothing: not the exit code, nor what others get', async () => {
  const island = await makeIsland();
  const received = await startReceivers(island);
  const argv = notifying(
    'https://127.0.0.1:7777/secret',
    'slack+http://127.0.0.1:8080/refuse/secret',
    'pushgateway+http://127.0.0.1:7777',
    'mailto:noc@a.test',
    'http://127.0.0.1:8080/last',
  );
  const env = { FAILDRILL_SMTP: 'smtp://127.0.0.1:7777' };
  let sent = 0;
  for (const [outage, code] of [
    [300 * MS, 0],
    [1500 * MS, 1],
    [1000 * MS, 2],
  ] as const) {
    const { exitCode, stderr } = await analyze(island, recorded(outage), argv, env);
    expect(exitCode).toBe(code);
    expect(stderr.split('\n')).toEqual([
      'not sent to webhook 127.0.0.1:7777: connect ECONNREFUSED 127.0.0.1:7777',
      'not sent to slack 127.0.0.1:8080: 403 Forbidden: invalid_token',
      'not sent to pushgateway 127.0.0.1:7777: connect ECONNREFUSED 127.0.0.1:7777',
      'not sent to mail noc@a.test: connect ECONNREFUSED 127.0.0.1:7777',
    ]);
    sent += 2;
    expect((await received<Request>(sent)).at(-1)!.url).toBe('/last');
  }
});

test('a drill records nothing of its receivers, whose addresses are secrets', async () => {
  const folder = temporaryFolder();
  const down = 'slack+http://127.0.0.1:7777/secret';
  const done = await drill(
    folder,
    writeScenario(folder),
    '--notify',
    down,
    `--notify=${down}`,
    '--seed',
    '7',
  );
  expect(done.stderr.match(/^not sent to slack 127\.0\.0\.1:7777: connect ECONNREFUSED/gm)).toHaveLength(2);
  expect(done.code).toBe({ pass: 0, fail: 1, inconclusive: 2 }[done.result.verdict]);
  expect(done.result.command.slice(-2)).toEqual(['--seed', '7']);
  for (const file of readdirSync(done.folder))
    expect({ file, secret: readFileSync(join(done.folder, file), 'utf8').includes('secret') }).toEqual({
      file,
      secret: false,
    });
});

interface Series {
  metric: Record<string, string>;
  value: [number, string];
}

/** Asks a Prometheus on port 9090. */
async function ask(island: Island, query: string, at?: number): Promise<Series[]> {
  const url = `http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(query)}${at === undefined ? '' : `&time=${at}`}`;
  const { stdout } = await island.run(['curl', '-s', url]);
  const { status, error, data } = JSON.parse(stdout) as {
    status: string;
    error?: string;
    data: { result: Series[] };
  };
  expect({ status, error }).toEqual({ status: 'success', error: undefined });
  return data.result;
}

/** Starts a Prometheus on port 9090. */
const startPrometheus = (island: Island, folder: string, config = '') => {
  writeFileSync(join(folder, 'prometheus.yml'), config);
  return island.start(
    /Server is ready/,
    'prometheus',
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--storage.tsdb.retention.time=100y',
    '--web.listen-address=127.0.0.1:9090',
  );
};

test('a Prometheus reads a drill of the past, at the time that it was', async () => {
  const island = await makeIsland();
  const folder = recorded(300 * MS);
  expect((await analyze(island, folder, [])).exitCode).toBe(0);
  const blocks = await island.run([
    'promtool',
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    join(folder, 'metrics.om'),
    join(folder, 'data'),
  ]);
  expect({ code: blocks.exitCode, stderr: blocks.stderr }).toEqual({ code: 0, stderr: '' });
  await startPrometheus(island, folder);
  const [measured] = await ask(island, 'faildrill_target_measured_seconds', END);
  expect(measured).toMatchObject({
    metric: { drill: 'pair-cut', target: 'loss_of_connectivity(app) < 1s' },
    value: [END, '0.3'],
  });
  expect((await ask(island, 'faildrill_drill_info', END))[0]!.metric.title).toBe(
    NASTY.replace('\u0007', '\ufffd'),
  );
  expect(await ask(island, 'faildrill_target_measured_seconds', END - 1)).toEqual([]);
});

test('every query of the dashboard for Grafana finds something, in a Prometheus', async () => {
  const island = await makeIsland();
  const limits = ['recovery_time(app) < 1s', 'packet_loss(app) < 50%', 'packets_lost(app) < 10'];
  const folder = recorded(300 * MS, limits);
  expect((await analyze(island, folder, [])).exitCode).toBe(1);
  const blocks = [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    join(folder, 'metrics.om'),
    join(folder, 'data'),
  ];
  await island.run(['promtool', ...blocks]);
  await startPrometheus(island, folder);
  const { panels } = JSON.parse(readFileSync(packageFile('docs/grafana-dashboard.json'), 'utf8')) as {
    panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  };
  // As Grafana puts them in. An hour later a plain query would find nothing any more.
  const fill = (expr: string) =>
    expr.replaceAll('$drill', '.*').replaceAll('$__range', '90d').replaceAll('$__interval', '2h');
  expect(panels.length).toBeGreaterThan(5);
  for (const { title, targets } of panels)
    for (const { expr, legendFormat } of targets) {
      const found = await ask(island, fill(expr), END + 3600);
      expect({ title, expr, found: found.length > 0 }).toEqual({ title, expr, found: true });
      const named = [...legendFormat.matchAll(/{{(\w+)}}/g)].map(([, label]) => label!);
      for (const label of named.filter((label) => label !== 'event'))
        expect({ title, labels: Object.keys(found[0]!.metric) }).toMatchObject({
          labels: expect.arrayContaining([label]),
        });
    }
  const verdict = await ask(island, fill(panels[0]!.targets[0]!.expr), END + 3600);
  expect(verdict.map(({ metric }) => metric.verdict)).toEqual(['fail']);
});

test('a Pushgateway holds the last drill of a name, and a Prometheus gets it from there', async () => {
  const island = await makeIsland();
  const folder = temporaryFolder();
  await island.start(
    /listen/i,
    'prometheus-pushgateway',
    '--web.listen-address=127.0.0.1:9091',
    `--persistence.file=${join(folder, 'pushed')}`,
  );
  for (const [outage, code] of [
    [1500 * MS, 1],
    [300 * MS, 0],
  ] as const) {
    const { exitCode, stderr } = await analyze(
      island,
      recorded(outage),
      notifying('pushgateway+http://127.0.0.1:9091/'),
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: '' });
  }
  const scrape = {
    scrape_interval: '200ms',
    honor_labels: true,
    job_name: 'pushgateway',
    static_configs: [{ targets: ['127.0.0.1:9091'] }],
  };
  await startPrometheus(island, folder, JSON.stringify({ scrape_configs: [scrape] }));
  let seen: Series[] = [];
  for (let tries = 0; tries < 50 && seen.length === 0; tries++) {
    await sleep(200);
    seen = await ask(island, 'faildrill_target_measured_seconds');
  }
  expect(seen.map(({ metric, value }) => [metric.job, metric.drill, value[1]])).toEqual([
    ['faildrill', 'pair-cut', '0.3'],
  ]);
  expect(await ask(island, 'faildrill_drill_verdict{verdict="pass"} == 1')).toHaveLength(1);
});
