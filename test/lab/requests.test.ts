import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import type { Observation } from '../../src/probes/prober.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { decided } from './drill.js';
import { labForAll, sh } from './labs.js';
import { delays, inSequence, probe as probeIn, reasons, received, sent } from './probing.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

const LINK = 'a:eth1 <-> b:eth1';
const probe = (
  parameters: Record<string, unknown>,
  happening: (seen: Observation[]) => Promise<unknown> = () => sleep(800),
) => probeIn({ lab, clock }, { interval: '20ms', ...parameters }, happening);

const NGINX = `pid /tmp/nginx.pid;
error_log /tmp/nginx.error;
events {}
http {
  access_log /tmp/nginx.access;
  keepalive_requests 20;
  server {
    listen 80;
    listen 443 ssl;
    ssl_certificate /tmp/service.crt;
    ssl_certificate_key /tmp/service.key;
    location / { return 200 "all is well"; }
    location /maintenance { return 503 "later"; }
  }
}
`;
const CERTIFICATE =
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=service.test ' +
  '-addext subjectAltName=DNS:service.test -keyout /tmp/service.key -out /tmp/service.crt 2>/dev/null';

const nginx = {
  start: () => sh(lab, 'b', 'nginx -c /tmp/nginx.conf'),
  stop: () =>
    sh(lab, 'b', 'nginx -c /tmp/nginx.conf -s stop; while pgrep -x nginx >/dev/null; do sleep 0.01; done'),
};
const dnsmasq = (...argv: string[]) =>
  sh(
    lab,
    'b',
    `pkill -x dnsmasq; while pgrep -x dnsmasq >/dev/null; do sleep 0.01; done; dnsmasq --no-resolv --no-hosts --pid-file=/tmp/dnsmasq.pid --user=root ${argv.join(' ')}`,
  );

beforeAll(async () => {
  await sh(lab, 'b', `cat > /tmp/nginx.conf <<'END'\n${NGINX}END\n${CERTIFICATE} && cat /tmp/service.crt`);
  const certificate = await sh(lab, 'b', 'cat /tmp/service.crt');
  await sh(lab, 'a', `cat > /tmp/ca.crt <<'END'\n${certificate}\nEND`);
  await nginx.start();
  await dnsmasq('--host-record=site.test,192.0.2.1', '--txt-record=site.test,one');
});

const TLS = { name: 'service.test', ca: '/tmp/ca.crt' };

describe.each([
  { kind: 'icmp', size: 100 },
  { kind: 'tcp-connect', port: 80 },
  { kind: 'http', body: 'well$' },
  { kind: 'http', 'keep-alive': false },
  { kind: 'http', until: 'first-byte' },
  { kind: 'http', tls: true, ...TLS },
  { kind: 'tls', ...TLS },
  { kind: 'dns', name: 'site.test', answer: '^192\\.0\\.2\\.1$' },
])('%j', (parameters) => {
  test('every request is answered, and on schedule', async () => {
    const seen = await probe(parameters);
    expect(reasons(seen, 0)).toEqual(new Map());
    const asked = sent(seen, 0);
    expect(inSequence(asked)).toBe(true);
    expect(asked.length).toBeGreaterThan(30);
    // The last ones may be underway.
    expect(received(seen, 0).length).toBeGreaterThan(asked.length - 5);
    expect(delays(seen, 0)[0]).toBeGreaterThan(0);
  });

  test('while packets vanish they fail, and not before or after', async () => {
    const { cut, restored, seen } = await whileCut(parameters);
    const answered = new Set(received(seen, 0));
    const lost = sent(seen, 0).filter(
      (number) => !answered.has(number) && number < sent(seen, 0).length - 10,
    );
    expect(lost.length).toBeGreaterThan(20);
    expect(inSequence(lost)).toBe(true);
    const why = new Set(lost.map((number) => reasons(seen, 0).get(number)));
    // Nobody tells a socket of ICMP.
    expect([...why].every((reason) => reason === (parameters.kind === 'icmp' ? undefined : 'timeout'))).toBe(
      true,
    );
    // One each 20 ms, and those that were underway at either end.
    expect(Math.abs(lost.length * 20 - (restored - cut) / 1e6)).toBeLessThan(60);
  });
});

const TIMEOUT = 250;

/** A probe with its line cut silently for 600 ms. */
async function whileCut(parameters: Record<string, unknown>) {
  let [cut, restored] = [0, 0];
  const timeout = parameters.kind === 'icmp' ? {} : { timeout: `${TIMEOUT}ms` };
  const seen = await probe({ ...timeout, ...parameters }, async () => {
    await sleep(400);
    const link = lab.links.get(LINK)!;
    cut = (await link.cut('test', 'silent')).after;
    await sleep(600);
    restored = (await link.restore('test')).before;
    await sleep(700);
  });
  return { cut, restored, seen };
}

describe('what is wrong is said', () => {
  test.each([
    [{ kind: 'http', path: '/maintenance' }, 'status 503'],
    [{ kind: 'http', body: '^elsewhere' }, 'another body'],
    [{ kind: 'http', port: 81 }, 'ECONNREFUSED'],
    [{ kind: 'tcp-connect', port: 81 }, 'ECONNREFUSED'],
    [{ kind: 'tls', port: 80 }, /^(ERR_SSL|EPROTO)/],
    [{ kind: 'tls', ca: '/tmp/ca.crt' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [{ kind: 'tls', name: 'service.test' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [{ kind: 'http', tls: true, name: 'service.test' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [{ kind: 'dns', name: 'other.test' }, /^(ENOTFOUND|EREFUSED)$/],
    [{ kind: 'dns', name: 'site.test', answer: '^192\\.0\\.2\\.2$' }, 'another answer'],
    [{ kind: 'dns', name: 'site.test', port: 54 }, 'ECONNREFUSED'],
  ])('%j', async (parameters, reason) => {
    const seen = await probe(parameters, () => sleep(300));
    expect(received(seen, 0)).toEqual([]);
    const why = [...new Set(reasons(seen, 0).values())];
    expect(why).toEqual([typeof reason === 'string' ? reason : expect.stringMatching(reason)]);
  });

  test('a certificate that need not be valid', async () => {
    expect(reasons(await probe({ kind: 'tls', verify: false }), 0)).toEqual(new Map());
  });

  test('a file of certificates that is not there', async () => {
    await expect(probe({ kind: 'tls', ca: '/tmp/none' })).rejects.toThrow(/probe "it": ENOENT.*\/tmp\/none/);
  });
});

test('a service that stops and comes back: refused meanwhile, whether its connections lasted or not', async () => {
  for (const keepAlive of [true, false]) {
    const seen = await probe({ kind: 'http', 'keep-alive': keepAlive }, async () => {
      await sleep(300);
      await nginx.stop();
      await sleep(300);
      await nginx.start();
      await sleep(500);
    });
    const failed = [...reasons(seen, 0)];
    expect(failed.length).toBeGreaterThan(10);
    expect(failed.filter(([, why]) => why === 'ECONNREFUSED').length).toBeGreaterThan(failed.length - 4);
    expect(received(seen, 0).at(-1)!).toBeGreaterThan(failed.at(-1)![0]);
  }
});

test('a name that moves to another address: the first answer with it is the switch', async () => {
  let moved = 0;
  const seen = await probe(
    { kind: 'dns', name: 'site.test', answer: '^192\\.0\\.2\\.2$', timeout: '200ms' },
    async () => {
      await sleep(300);
      await dnsmasq('--host-record=site.test,192.0.2.2');
      moved = clock.now();
      await sleep(500);
    },
  );
  await dnsmasq('--host-record=site.test,192.0.2.1', '--txt-record=site.test,one');
  const [first] = received(seen, 0);
  expect(first).toBeGreaterThan(10);
  expect([...reasons(seen, 0).values()]).toContain('another answer');
  expect(moved).toBeGreaterThan(0);
});

/** A server of HTTP that sends the head at once and the body later, milliseconds. */
const slowBody = (port: number, delay: number) =>
  `setsid python3 - >/dev/null 2>&1 <<'END' &
import http.server, time
class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200 if self.path == '/' else 503)
        self.send_header('Content-Length', '4')
        self.end_headers()
        self.wfile.flush()
        time.sleep(${delay / 1000})
        self.wfile.write(b'well')
http.server.ThreadingHTTPServer(('', ${port}), Slow).serve_forever()
END
for i in $(seq 100); do ss -Hltn sport = ${port} | grep -q . && exit 0; sleep 0.05; done; exit 1`;

test('the time to the first byte is not that to the last', async () => {
  await sh(lab, 'b', slowBody(8080, 150));
  const slow = { kind: 'http', port: 8080, interval: '40ms', timeout: '100ms' };
  const first = await probe({ ...slow, until: 'first-byte' });
  expect(reasons(first, 0)).toEqual(new Map());
  expect(received(first, 0).length).toBeGreaterThan(10);
  expect(delays(first, 0).at(-1)).toBeLessThan(100e6);
  const complete = await probe({ ...slow, timeout: '1s' }, () => sleep(1200));
  expect(delays(complete, 0)[0]).toBeGreaterThan(149e6);
  // The body does not come in this time.
  expect(received(await probe(slow), 0)).toEqual([]);
  const wrong = await probe({ ...slow, until: 'first-byte', path: '/later' });
  expect(new Set(reasons(wrong, 0).values())).toEqual(new Set(['status 503']));
});

test('several clients take turns', async () => {
  const seen = await probe({ kind: 'tcp-connect', port: 80, clients: 4, interval: '80ms' });
  for (const client of [0, 1, 2, 3]) expect(received(seen, client).length).toBeGreaterThan(5);
});

describe('a drill', () => {
  const config = (status: number) =>
    `pid /tmp/pid; error_log /tmp/error; events {} http { access_log off; server { listen 80; location / { return ${status}; } } }`;
  const write = (restart: string) => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'web.clab.yml'),
      `name: web
topology:
  kinds: { linux: { image: faildrill/host } }
  nodes:
    a:
    b:
      binds: [good.conf:/etc/good.conf:ro, bad.conf:/etc/bad.conf:ro]
      exec: [nginx -c /etc/good.conf]
  links: [{ endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }]
`,
    );
    writeFileSync(join(folder, 'good.conf'), config(200));
    writeFileSync(join(folder, 'bad.conf'), config(503));
    const file = join(folder, 'web.drill.yml');
    writeFileSync(
      file,
      `name: web
title: A web server behind a line
lab: web.clab.yml
validation-time: 1s
probes:
  web: { kind: http, from: a, to: b, clients: 2, interval: 50ms }
  reach: { kind: icmp, from: a, to: b }
steps:
  - { inject: link-cut, link: "a:eth1 <-> b:eth1", mode: silent, as: cut }
  - hold: 2s
  - clear: cut
  - wait: { for: recovery, within: 10s }
  - { inject: impair, link: "a:eth1 <-> b:eth1", delay: 50ms, as: slow }
  - hold: 2s
  - clear: slow
  - wait: { for: recovery, within: 10s }
  - { inject: process-kill, node: b, process: nginx, restart: ${restart}, as: killed }
  - hold: 1s
  - clear: killed
  - wait: { for: recovery, within: 3s }
targets:
  - recovery_time(web after clear cut) < 1s
  - packet_loss(reach after cut) > 99%
  - response_time(web after slow) < 200ms
  - response_time(web after slow) > 90ms
  - response_time(reach after slow) > 99ms
  - longest_loss_period(web after killed) < 2s
  - packet_loss(reach after killed) < 1%
`,
    );
    return decided(folder, file);
  };

  test('what a service suffers, and why, is in the report', async () => {
    const done = await write('nginx -c /etc/good.conf');
    expect(done.result.verdict, done.stdout).toBe('pass');
    const report = readFileSync(join(done.folder, 'report.md'), 'utf8');
    expect(report).toMatch(/- web: timeout, \d+ times, from (-0\.0|0\.)\d+ s/);
    expect(report).toMatch(/- web: ECONNREFUSED, \d+ times/);
    expect(done.result.trials[0]!.series.map(({ probe }) => probe)).toEqual(['web', 'reach']);
  });

  test('a server that comes back with an error has not come back', async () => {
    const done = await write('nginx -c /etc/bad.conf');
    expect(done.result.verdict, done.stdout).toBe('fail');
    expect(readFileSync(join(done.folder, 'report.md'), 'utf8')).toMatch(/- web: status 503, \d+ times/);
    const missed = done.result.targets.filter(({ verdict }) => verdict === 'fail').map(({ text }) => text);
    expect(missed).toEqual(['longest_loss_period(web after killed) < 2s']);
  });
});
