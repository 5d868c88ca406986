import { describe, expect, test } from 'vitest';
import type { Effect, Fault } from '../../src/faults/fault.js';
import { faultKind, injectSchema } from '../../src/faults/registry.js';
import { Clock } from '../../src/linux/clock.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { PAIR } from '../fixtures/scenario.js';
import { labForAll, reaches, sh } from './labs.js';

const LINK = 'a:eth1 <-> b:eth1';
const clock = new Clock();
let lab: Lab;
labForAll(PAIR, clock, (deployed) => {
  lab = deployed;
});

/** These faults impair nothing. */
const wayOf = (): never => {
  throw new Error('not armed');
};

/** A fault as the engine prepares it from a scenario's step. */
function prepare(step: Record<string, unknown>, random = () => 0.5, id = 'it'): Fault {
  const inject = injectSchema.parse(step);
  const { signal } = new AbortController();
  return faultKind(inject).prepare(inject as never, { id, lab, clock, wayOf, random, signal });
}

const passes = (node: string) => reaches(lab, node, node === 'a' ? '10.0.1.2' : '10.0.1.1');
const runs = async (name: string) =>
  (await lab.nodes.get('a')!.processes({ name })).map(({ state }) => state);
/** What ping says of one packet, in its words. */
const ping = async (node: string) =>
  (await sh(lab, node, `ping -c 1 -W 2 10.0.1.${node === 'a' ? 2 : 1} || true`))
    .match(/Packet filtered|\d received/g)
    ?.join(', ');

/** Perl programs that take TCP connections on port 8080, and that make one. */
const LISTEN =
  '$s = IO::Socket::INET->new(LocalPort => 8080, Listen => 9, ReuseAddr => 1); $s->accept while 1';
const connect = (port: number) => {
  const program = `print IO::Socket::INET->new(PeerAddr => "10.0.1.2:${port}", Timeout => 3) ? "connected" : $@ =~ s/.*: //r`;
  return sh(lab, 'a', `perl -MIO::Socket::INET -e '${program}'`);
};

const carrier = (node: string) => sh(lab, node, 'cat /sys/class/net/eth1/carrier');

/** Starts a process in node a under a name of its own. */
const start = (name: string) =>
  sh(
    lab,
    'a',
    `cp /bin/sleep /tmp/${name}; setsid /tmp/${name} 60 >/dev/null 2>&1 & until pgrep -x ${name}; do sleep 0.01; done`,
  );

describe.each<{
  step: Record<string, unknown>;
  set?: () => Promise<unknown>;
  look: () => Promise<unknown>;
  sound: unknown;
  hurt: unknown;
}>([
  {
    step: { inject: 'link-cut', link: LINK },
    look: async () => [await carrier('a'), await carrier('b'), await passes('a')],
    sound: ['1', '1', true],
    hurt: ['0', '0', false],
  },
  {
    step: { inject: 'link-cut', link: 'b:eth1 <-> a:eth1', mode: 'silent' },
    look: async () => [await carrier('a'), await carrier('b'), await passes('a')],
    sound: ['1', '1', true],
    hurt: ['1', '1', false],
  },
  {
    step: { inject: 'node-stop', node: 'b' },
    look: async () => [await carrier('a'), await passes('a')],
    sound: ['1', true],
    hurt: ['0', false],
  },
  {
    step: { inject: 'node-pause', node: 'b' },
    look: async () => [await carrier('a'), await passes('a')],
    sound: ['1', true],
    hurt: ['1', false],
  },
  {
    step: { inject: 'process-pause', node: 'a', process: 'pausable' },
    set: () => start('pausable'),
    look: () => runs('pausable'),
    sound: ['S'],
    hurt: ['T'],
  },
  {
    step: { inject: 'process-kill', node: 'a', process: 'killable', restart: 'setsid /tmp/killable 60 &' },
    set: () => start('killable'),
    look: () => runs('killable'),
    sound: ['S'],
    hurt: [],
  },
  {
    step: {
      inject: 'exec',
      node: 'a',
      command: 'ip route add blackhole 10.9.0.0/16',
      undo: 'ip route del 10.9.0.0/16 || true',
      proof: 'ip route | grep -q 10.9.0.0',
    },
    look: () => sh(lab, 'a', 'ip route show 10.9.0.0/16'),
    sound: '',
    hurt: 'blackhole 10.9.0.0/16',
  },
  {
    step: { inject: 'block', link: LINK, from: 'a', match: { protocol: 'icmp' }, action: 'reject' },
    look: () => ping('a'),
    sound: '1 received',
    hurt: 'Packet filtered, 0 received',
  },
  {
    step: { inject: 'block', link: LINK, match: { protocol: 'tcp' }, action: 'reject' },
    set: () =>
      sh(
        lab,
        'b',
        `setsid perl -MIO::Socket::INET -e '${LISTEN}' >/dev/null 2>&1 & until ss -ltn | grep -q :8080; do sleep 0.05; done`,
      ),
    look: async () => [await connect(8080), await ping('a')],
    sound: ['connected', '1 received'],
    hurt: ['Connection refused', '1 received'],
  },
])('$step.inject $step.mode', ({ step, set, look, sound, hurt }) => {
  test('hurts, says when and how it knows, and heals, as often as it is told to', async () => {
    await set?.();
    const fault = prepare(step);
    await fault.clear();
    expect(await look()).toEqual(sound);
    for (let time = 0; time < 2; time++) {
      const from = clock.now();
      const effect = await fault.inject();
      expectWithin(effect, from, clock.now());
      expect(await look()).toEqual(hurt);
      const then = clock.now();
      const healed = await fault.clear();
      expectWithin(healed, then, clock.now());
      await fault.clear();
      expect(await look()).toEqual(sound);
    }
  });
});

function expectWithin({ before, after, proof }: Effect, from: number, to: number) {
  expect(before).toBeGreaterThanOrEqual(from);
  expect(after).toBeGreaterThanOrEqual(before);
  expect(to).toBeGreaterThanOrEqual(after);
  expect(proof).not.toBe('');
}

test.each([LINK, 'b:eth1 <-> a:eth1'])(
  'a one-way cut of %s takes the packets of the node that it names',
  async (link) => {
    const forwards = async () => (await lab.links.get(LINK)!.state()).forwards;
    for (const [from, expected] of [
      ['a', [false, true]],
      ['b', [true, false]],
    ] as const) {
      const fault = prepare({ inject: 'link-cut', link, mode: 'one-way', from });
      await fault.inject();
      expect(await forwards()).toEqual(expected);
      await fault.clear();
      expect(await forwards()).toEqual([true, true]);
    }
  },
);

test('a flap goes down and up as often as it says; its jitter comes from the seed', async () => {
  const draws: number[] = [];
  const random = () => {
    draws.push(1);
    return 0.5;
  };
  const fault = prepare(
    { inject: 'link-flap', link: LINK, down: '30ms', up: '20ms', count: 3, jitter: '5ms' },
    random,
  );
  const changes = () => sh(lab, 'a', 'cat /sys/class/net/eth1/carrier_down_count').then(Number);
  const earlier = await changes();
  const { before, after, ended } = await fault.inject();
  expect((await changes()) - earlier).toBe(3);
  expect(draws).toHaveLength(5);
  expect(ended!.before - after).toBeGreaterThan(3 * 30e6 + 2 * 20e6 - 5 * 5e6);
  expect(ended!.after - before).toBeGreaterThan(0);
  expect(await passes('a')).toBe(true);
});

describe('what did not work is said', () => {
  test('a line that does not come back', async () => {
    const fault = prepare({ inject: 'link-cut', link: LINK });
    await fault.inject();
    await sh(lab, 'a', 'ip link set eth1 down');
    await expect(fault.clear()).rejects.toThrow(/was restored, but carrier down/);
    await sh(lab, 'a', 'ip link set eth1 up');
    await fault.clear();
    expect(await passes('a')).toBe(true);
  });

  test('a daemon that nobody starts again', async () => {
    await start('mortal');
    const fault = prepare({ inject: 'process-kill', node: 'a', process: 'mortal', within: '300ms' });
    await fault.inject();
    await expect(fault.clear()).rejects.toThrow(
      '"mortal" on a did not come back; give the fault a "restart:"',
    );
  });

  test.each([
    [
      'a restart that fails',
      { inject: 'process-kill', node: 'a', process: 'gone', restart: 'echo no way >&2; false' },
      /"echo no way >&2; false" on a failed \(1\): no way/,
    ],
  ])('%s', async (_, step, message) => {
    await start('gone');
    const fault = prepare(step);
    await fault.inject();
    await expect(fault.clear()).rejects.toThrow(message);
  });

  test.each([
    [
      { inject: 'process-kill', node: 'a', process: 'none' },
      /node a runs no process "none"; it runs .*sleep/,
    ],
    [
      { inject: 'process-pause', node: 'a', process: { pidfile: '/run/none' } },
      'node a has no PID file /run/none',
    ],
    [{ inject: 'exec', node: 'a', command: 'echo no >&2; exit 3', undo: 'true' }, /failed \(3\): no/],
    [{ inject: 'exec', node: 'a', command: 'sleep 5', undo: 'true', timeout: '100ms' }, /took too long/],
    [
      { inject: 'exec', node: 'a', command: 'true', undo: 'true', proof: 'false' },
      /"false" does not succeed/,
    ],
  ])('%o', async (step, message) => {
    await expect(prepare(step).inject()).rejects.toThrow(message);
  });

  test('an undo that did not undo', async () => {
    const fault = prepare({ inject: 'exec', node: 'a', command: 'true', undo: 'true', proof: 'true' });
    await fault.inject();
    await expect(fault.clear()).rejects.toThrow('"true" still succeeds');
  });
});

test('a firewall that rejects goes with the power of the node behind it, and says so', async () => {
  const fault = prepare({ inject: 'block', link: LINK, service: 'icmp', action: 'reject' });
  await fault.inject();
  expect(await ping('a')).toBe('Packet filtered, 0 received');
  const node = lab.nodes.get('b')!;
  await node.stop();
  await node.start();
  const { proof } = await fault.clear();
  expect(proof).toMatch(/it went with the power of b$/);
  expect(await ping('a')).toBe('1 received');
  expect(await ping('b')).toBe('1 received');
});

test('faults of one link are undone in any order', async () => {
  const faults = [
    prepare({ inject: 'block', link: LINK, service: 'icmp', action: 'reject' }, undefined, 'first'),
    prepare({ inject: 'link-cut', link: LINK, mode: 'silent' }, undefined, 'second'),
    prepare({ inject: 'block', link: LINK, service: 'icmp', action: 'reject' }, undefined, 'third'),
  ];
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ]) {
    for (const fault of faults) await fault.inject();
    expect(await passes('a')).toBe(false);
    for (const index of order) await faults[index]!.clear();
    expect(await passes('a')).toBe(true);
    expect(await sh(lab, 'b', 'nft list tables')).toBe('');
  }
});
