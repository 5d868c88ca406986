import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { type Bracket, Clock, FastClock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR } from '../fixtures/scenario.js';
import { labForAll, sh } from './labs.js';
import { act as actIn, expectAt, watching as watchingIn } from './watching.js';

const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

/** Messages go from node b to the watch at node a. */
const act = (line: string) => actIn({ lab, clock }, 'b', line);
const watching = (watch: Record<string, unknown>) => watchingIn({ lab, clock }, watch);

const logger = (options: string, text: string) => `logger --server 10.0.1.1 --port 514 ${options} "${text}"`;
const post = (path: string, body: string) =>
  `curl -s --max-time 2 --data '${body}' http://10.0.1.1:8080${path}`;
const mail = (subject: string, text: string) =>
  `printf 'From: a@b.test\\nTo: c@d.test\\nSubject: ${subject}\\nContent-Type: text/plain; charset=utf-8\\nContent-Transfer-Encoding: base64\\n\\n%s\\n' "$(printf '${text}' | base64)" | msmtp --host=10.0.1.1 --port=25 --from=a@b.test --auth=off --tls=off c@d.test`;
const trap = (options: string, value: string) =>
  `snmptrap ${options} 10.0.1.1 ${options.includes('v1') ? '1.3.6.1.4.1.9 10.0.1.2 6 17' : "''"} ${options.includes('v1') ? "''" : '1.3.6.1.6.3.1.1.5.3'} 1.3.6.1.2.1.2.2.1.2.7 s ${value}`;

describe.each<[string, Record<string, unknown>, { other: string[]; wanted: [string, RegExp][] }]>([
  [
    'syslog',
    { kind: 'syslog', match: 'tunnel \\S+ down', severity: 'warning' },
    {
      other: [
        logger('--udp --rfc3164 -p daemon.err', 'tunnel t1 up'),
        logger('--udp --rfc3164 -p daemon.info', 'tunnel t1 down'),
        // Without a priority it is a notice.
        "echo 'tunnel t1 down' > /dev/udp/10.0.1.1/514",
        'head -c 2000 /dev/urandom > /dev/udp/10.0.1.1/514',
      ],
      wanted: [
        [logger('--udp --rfc3164 -p daemon.err', 'tunnel t1 down'), /^<27>.*tunnel t1 down$/],
        [logger('--udp --rfc5424 -p daemon.warning', 'tunnel t2 down'), /^<28>1 .*tunnel t2 down$/],
        [logger('--tcp --rfc5424 -p daemon.crit', 'tunnel t3 down'), /^<26>1 .*tunnel t3 down$/],
        [logger('--tcp --octet-count -p daemon.crit', 'tunnel t4 down'), /^<26>.*tunnel t4 down$/],
        ["printf '<11>tunnel t5 down' > /dev/tcp/10.0.1.1/514", /^<11>tunnel t5 down$/],
      ],
    },
  ],
  [
    'webhook',
    { kind: 'webhook', path: '/alerts', fields: { alertname: 'TunnelDown', status: 'firing' }, match: 'hq' },
    {
      other: [
        post('/else', '{"status":"firing","alerts":[{"labels":{"alertname":"TunnelDown","site":"hq"}}]}'),
        post('/alerts', '{"status":"resolved","alerts":[{"labels":{"alertname":"TunnelDown","site":"hq"}}]}'),
        post(
          '/alerts',
          '{"status":"firing","alerts":[{"labels":{"alertname":"TunnelDown","site":"branch"}}]}',
        ),
        post('/alerts', '{"status":"firing", "alertname": "TunnelDown", hq'),
        "printf 'GET' > /dev/tcp/10.0.1.1/8080",
        'head -c 2000 /dev/urandom > /dev/tcp/10.0.1.1/8080',
      ],
      wanted: [
        [
          post(
            '/alerts?x=1',
            '{"status":"firing","alerts":[{"labels":{"alertname":"TunnelDown","site":"hq"}}]}',
          ),
          /"site":"hq"/,
        ],
      ],
    },
  ],
  [
    'smtp',
    { kind: 'smtp', match: 'gestört|DOWN' },
    {
      other: [
        mail('all is well', 'tunnel is up'),
        "printf 'HELO x\\r\\nNONSENSE\\r\\nMAIL FROM:<>\\r\\n' > /dev/tcp/10.0.1.1/25",
      ],
      wanted: [
        [mail('tunnel DOWN', 'at last'), /^tunnel DOWN at last$/],
        [mail('=?utf-8?B?QWxhcm0=?=', 'Leitung gestört'), /^Alarm Leitung gestört$/],
      ],
    },
  ],
  [
    'snmp-trap',
    { kind: 'snmp-trap', match: '^1\\.3\\.6\\.1\\.2\\.1\\.2\\.2\\.1\\.2\\.7 = eth1$' },
    {
      other: [trap('-v2c -c any', 'eth2'), 'head -c 300 /dev/urandom > /dev/udp/10.0.1.1/162'],
      wanted: [
        [trap('-v2c -c any', 'eth1'), /1\.3\.6\.1\.6\.3\.1\.1\.5\.3.*= eth1$/],
        [trap('-v1 -c any', 'eth1'), /^enterprise = 1\.3\.6\.1\.4\.1\.9 .*= eth1$/],
        [trap('-v2c -c any -Ci', 'eth1'), /= eth1$/],
      ],
    },
  ],
])('%s', (_, watch, { other, wanted }) => {
  test('what matches is a signal at its instant, and nothing else is', async () => {
    await using it = await watching(watch);
    for (const line of other) await act(`bash -c ${quoted(line)} || true`);
    await sleep(200);
    expect(it.signals).toEqual([]);
    for (const [line, detail] of wanted) {
      const [seen, when] = await Promise.all([it.next(), act(`bash -c ${quoted(line)}`)]);
      expectAt(seen, when);
      expect(seen!.active).toBe(true);
      expect(seen!.detail).toMatch(detail);
      expect(seen!.after - seen!.before).toBeLessThan(5e9);
    }
    expect(it.signals).toHaveLength(wanted.length);
  });

  test('a port that is taken', async () => {
    await using _first = await watching(watch);
    await expect(watching(watch)).rejects.toThrow(/watch "it": .*EADDRINUSE/);
  });
});

const quoted = (line: string) => `'${line.replaceAll("'", "'\\''")}'`;

test('alerts that come with a fault do not travel over what it broke', async () => {
  await using it = await watching({ kind: 'syslog' });
  const link = lab.links.get('a:eth1 <-> b:eth1')!;
  await link.cut('test', 'silent');
  await act(logger('--udp', 'nobody hears me'));
  await sleep(200);
  await link.restore('test');
  expect(it.signals).toEqual([]);
  await act(logger('--udp', 'now they do'));
  await expect.poll(() => it.signals.length).toBe(1);
});

/** Sends a burst from b, its last message another one, while this process stands still for a second. Returns when that message was sent. */
async function burstUnread(count: number, last: string): Promise<Bracket> {
  const program = `use IO::Socket::INET; use Time::HiRes "time"; my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "10.0.1.1:514"); $s->send("<14>hay $_ " . "x" x 200) for 1..${count}; printf("%.6f ", time); $s->send("${last}"); printf("%.6f", time)`;
  const sending = sh(lab, 'b', `perl -e ${quoted(program)}`);
  await execa('sh', ['-c', `kill -STOP ${process.pid}; sleep 1; kill -CONT ${process.pid}`]);
  const [before = 0, after = 0] = (await sending).split(' ').map(Number);
  const fast = new FastClock(clock.anchor);
  const at = (wall: number) => fast.fromWall(Math.floor(wall), (wall % 1) * 1e9);
  return { before: at(before), after: at(after) };
}

test('what waited in a burst is not taken for what came when it was read', async () => {
  await using it = await watching({ kind: 'syslog', match: 'needle' });
  const sent = await burstUnread(5000, '<9>needle');
  await expect.poll(() => it.signals.length).toBe(1);
  expectAt(it.signals[0], sent);
});

test('a burst for which there is no room is said', async () => {
  await using it = await watching({ kind: 'syslog', match: 'needle' });
  await burstUnread(60_000, '<9>needle');
  await expect.poll(() => it.signals.length).toBeGreaterThan(1);
  const [lost, next] = it.signals;
  expect(lost).toMatchObject({ active: false, unknown: true });
  expect(lost!.detail).toMatch(/^unknown: [1-9]\d+ messages were lost/);
  expect(next).not.toHaveProperty('unknown');
});

test('a flood of 10,000 messages a second, and the one that counts in it', async () => {
  await using it = await watching({ kind: 'syslog', match: 'needle' });
  await using all = await watching({ kind: 'syslog', port: 5514 });
  // A message each 100 us for two seconds to either port; the needle is the one in the middle.
  const flood = `use IO::Socket::INET; use Time::HiRes "sleep"; for my $port (514, 5514) { my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "10.0.1.1:$port"); for my $batch (1..200) { for my $n (1..100) { $s->send($batch == 100 && $n == 50 ? "<9>needle" : "<14>hay $batch $n") } sleep 0.009 } }`;
  await sh(lab, 'b', `perl -e '${flood}'`);
  // On a machine that is too busy some are lost, and it says so.
  const lost = ({ signals }: typeof all) =>
    signals.reduce(
      (sum, { detail }) => sum + Number(/^unknown: (\d+) messages were lost/.exec(detail)?.[1] ?? 0),
      0,
    );
  const heard = ({ signals }: typeof all) => signals.filter(({ active }) => active);
  await expect.poll(() => heard(all).length + lost(all), { timeout: 20_000 }).toBe(20_000);
  if (lost(it) === 0) expect(heard(it).map(({ detail }) => detail)).toEqual(['<9>needle']);
});
