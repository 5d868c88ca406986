import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CutMode, Lab, Runtime } from '../../src/runtime/runtime.js';
import { deploy, reaches, sh } from './labs.js';

const TOPOLOGY = `name: contract
topology:
  kinds:
    linux: { image: faildrill/host, network-mode: none }
  nodes:
    a:
      env: { WHO: "\${NOBODY:=me}" }
      env-files: [env]
      hostname: alpha
      labels: { site-name: west }
      binds: [file:/etc/bound:ro, folder:/srv/bound]
      sysctls: { net.ipv4.ip_default_ttl: 77 }
      exec:
        - sh -c 'echo first > /var/order'
        - sh -c 'echo second >> /var/order; cat /sys/class/net/eth1/address >> /var/order'
    b: { cmd: "", entrypoint: "sh -c 'echo started; echo complaint >&2; exec sleep infinity'" }
    c: { stages: { create: { wait-for: [{ node: d, stage: configure }] } } }
    d: { startup-delay: 1, exec: ["sh -c 'cut -d. -f1 /proc/uptime > /var/done'"] }
    br0: { kind: bridge }
  links:
    - { endpoints: ["a:eth1", "b:eth1"], mtu: 1400, ipv4: [10.0.0.1/24, 10.0.0.2/24], ipv6: ["2001:db8::1/64", "2001:db8::2/64"] }
    - { type: veth, endpoints: [{ node: a, interface: wan, mac: "02:00:00:00:00:aa", ipv4: 10.0.1.1/24 }, { node: br0, interface: p1 }] }
    - { endpoints: ["c:eth1", "br0:p2"], ipv4: [10.0.1.3/24] }
    - { endpoints: ["d:eth1", "br0:p3"], ipv4: [10.0.1.4/24] }
`;
const AB = 'a:eth1 <-> b:eth1';

/**
 * What every runtime must do alike.
 * @param options.keepsRun whether what a node has in /run outlives its power: a container has it on its disk
 */
export function describeContract(runtime: Runtime, { keepsRun = false } = {}): void {
  describe(`the ${runtime.name} runtime`, () => {
    let lab: Lab;
    let folder: string;
    /** Hundredths of a second since the machine's start. */
    let begun: number;
    const on = (node: string, line: string) => sh(lab, node, line);
    const link = (name = AB) => lab.links.get(name)!;
    const node = (name: string) => lab.nodes.get(name)!;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'faildrill-contract-'));
      const files = { file: 'bound\n', 'folder/inside': 'inside\n', env: 'FROM_FILE=yes\n' };
      begun = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100;
      lab = await deploy({ folder, topology: TOPOLOGY, files, runtime });
    });
    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    describe('nodes', () => {
      test('have a host name, variables and settings of their own', async () => {
        expect(
          await on(
            'a',
            'hostname; echo $WHO $FROM_FILE $CLAB_INTFS $CLAB_LABEL_SITE_NAME; cat /proc/sys/net/ipv4/ip_default_ttl',
          ),
        ).toBe('alpha\nme yes 2 west\n77');
        expect(await on('b', 'hostname; cat /proc/sys/net/ipv4/ip_default_ttl')).toBe('b\n64');
      });

      test('have processes of their own', async () => {
        expect(await on('a', 'ls /proc | grep -c "^[0-9]"')).toMatch(/^[3-7]$/);
        expect((await node('a').processes()).map(({ name }) => name)).toEqual(['sleep']);
      });

      test('may write anywhere, each for itself', async () => {
        await on('a', 'echo a > /etc/mark; echo a > /usr/mark; echo a > /var/mark; echo a > /mark');
        expect(await on('b', 'ls /etc/mark /usr/mark /var/mark /mark 2>/dev/null | wc -l')).toBe('0');
        expect(() => readFileSync('/etc/mark')).toThrow('ENOENT');
      });

      test('see what is bound to them, for reading only where it says so', async () => {
        expect(await on('a', 'cat /etc/bound /srv/bound/inside')).toBe('bound\ninside');
        await expect(on('a', 'echo x > /etc/bound')).rejects.toThrow('Read-only');
        await on('a', 'echo changed > /srv/bound/inside');
        expect(readFileSync(join(folder, 'folder/inside'), 'utf8')).toBe('changed\n');
      });

      test('ran their commands in order, with their interfaces there', async () => {
        expect(await on('a', 'cat /var/order')).toMatch(/^first\nsecond\naa:c1:ab(:[0-9a-f]{2}){3}$/);
      });

      test('started when their stages and delays let them', async () => {
        const started = (name: string) => on(name, 'awk "{print \\$22}" /proc/1/stat').then(Number);
        const [c, d] = await Promise.all([started('c'), started('d')]);
        // In hundredths of a second, as proc(5) has it.
        expect(d - begun).toBeGreaterThanOrEqual(100);
        expect(c).toBeGreaterThanOrEqual(d);
      });

      test("write what their first process prints to their console's file", async () => {
        await expect.poll(() => readFileSync(node('b').console, 'utf8')).toBe('started\ncomplaint\n');
      });
    });

    describe('commands', () => {
      test('return what they print, and how they end', async () => {
        expect(await node('a').run({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] })).toMatchObject({
          code: 3,
          signal: null,
          stdout: 'out\n',
          stderr: 'err\n',
          timedOut: false,
        });
        expect(await node('a').run({ argv: ['sh', '-c', 'kill -TERM $$'] })).toMatchObject({
          code: null,
          signal: 'SIGTERM',
        });
      });

      test('get input, variables and a user', async () => {
        expect(await node('a').run({ argv: ['cat'], input: 'ü\n' })).toMatchObject({ stdout: 'ü\n' });
        expect(await node('a').run({ argv: ['sh', '-c', 'echo $X'], env: { X: 'y' } })).toMatchObject({
          stdout: 'y\n',
        });
        expect(await node('a').run({ argv: ['id', '-un'], user: 'nobody' })).toMatchObject({
          stdout: 'nobody\n',
        });
      });

      test('that take too long are ended, with what they started', async () => {
        const argv = ['sh', '-c', 'sleep 31 & sleep 32; true'];
        const { timedOut, before, after } = await node('a').run({ argv, timeout: 200e6 });
        expect({ timedOut, quick: after - before < 5e9 }).toEqual({ timedOut: true, quick: true });
        await expect.poll(() => node('a').processes({ cmdline: '^sleep 3[12]' })).toEqual([]);
      });

      test('that leave a daemon behind do not wait for it', async () => {
        const { code, before, after } = await node('a').run({ argv: ['sh', '-c', 'sleep 20 & echo left'] });
        expect({ code, quick: after - before < 5e9 }).toEqual({ code: 0, quick: true });
        await node('a').signal({ cmdline: '^sleep 20' }, 'SIGKILL');
      });

      test('that are not there fail with their name', async () => {
        await expect(node('a').run({ argv: ['no-such-program'] })).rejects.toThrow('no-such-program');
      });
    });

    describe('links', () => {
      test('have the names, MACs, MTUs and addresses of the topology', async () => {
        expect(
          await on('a', 'cat /sys/class/net/wan/address /sys/class/net/eth1/mtu /sys/class/net/wan/mtu'),
        ).toBe('02:00:00:00:00:aa\n1400\n9500');
        expect(await on('a', 'ip -br address show dev eth1')).toMatch(/10\.0\.0\.1\/24 2001:db8::1\/64/);
      });

      test('carry packets, through a bridge too', async () => {
        expect(await reaches(lab, 'a', '10.0.0.2')).toBe(true);
        expect(await reaches(lab, 'a', '10.0.1.3')).toBe(true);
        expect(await reaches(lab, 'c', '10.0.1.4')).toBe(true);
      });

      const modes: [CutMode, boolean][] = [
        ['carrier', false],
        ['silent', true],
        ['one-way', true],
      ];
      test.each(modes)('cut in mode %s, and mended', async (mode, staysUp) => {
        const { before, after } = await link().cut('test', mode);
        expect(after).toBeGreaterThan(before);
        for (const name of ['a', 'b'])
          expect(await on(name, 'cat /sys/class/net/eth1/carrier')).toBe(staysUp ? '1' : '0');
        // Not an administrative down: that is not what a pulled cable looks like.
        expect(await on('a', 'ip -o link show eth1')).toMatch(staysUp ? /UP,LOWER_UP/ : /NO-CARRIER,.*UP/);
        expect(await reaches(lab, 'a', '10.0.0.2')).toBe(false);
        await link().restore('test');
        expect(await link().state()).toEqual({ carrier: [true, true], forwards: [true, true] });
        await on('a', 'ip neigh flush all');
        expect(await reaches(lab, 'a', '10.0.0.2')).toBe(true);
      });

      test('cut one way lets packets pass the other way', async () => {
        // Requests only: what else was on its way when the link was cut does not matter.
        const received = (name: string) =>
          on(name, `awk '$1 == "Icmp:" { print $10 }' /proc/net/snmp | tail -n 1`).then(Number);
        // There is nobody to answer a question for an address.
        const ping = async (name: string, other: string, to: string) => {
          const address = await on(other, 'cat /sys/class/net/eth1/address');
          await on(
            name,
            `ip neigh replace ${to} lladdr ${address} dev eth1; ping -c 5 -i 0.01 -W 0.1 ${to} || true; ip neigh del ${to} dev eth1`,
          );
        };
        for (const [direction, deaf, hearing] of [
          ['forth', 'b', 'a'],
          ['back', 'a', 'b'],
        ] as const) {
          await link().cut('test', 'one-way', direction);
          const before = { deaf: await received(deaf), hearing: await received(hearing) };
          await ping(hearing, deaf, deaf === 'b' ? '10.0.0.2' : '10.0.0.1');
          await ping(deaf, hearing, deaf === 'b' ? '10.0.0.1' : '10.0.0.2');
          expect((await received(deaf)) - before.deaf).toBe(0);
          expect((await received(hearing)) - before.hearing).toBeGreaterThanOrEqual(5);
          await link().restore('test');
        }
      });

      test('several cuts add up, and are mended in any order', async () => {
        const intact = await link().state();
        await link().cut('one', 'silent');
        await link().cut('two', 'carrier');
        await link().cut('three', 'one-way', 'back');
        await link().restore('one');
        expect(await link().state()).toEqual({ carrier: [false, false], forwards: [true, false] });
        await link().restore('two');
        expect(await link().state()).toEqual({ carrier: [true, true], forwards: [true, false] });
        await link().restore('three');
        await link().restore('three');
        expect(await link().state()).toEqual(intact);
      });
    });

    describe('processes', () => {
      test('are found by name, PID file and command line, and signalled', async () => {
        await on('a', 'sleep 1001 & echo $! > /run/one.pid; sleep 1002 & sleep 0.05');
        const found = async (
          match: Parameters<
            typeof lab.nodes extends ReadonlyMap<string, infer N>
              ? N extends { processes: (match?: infer M) => unknown }
                ? (match: M) => void
                : never
              : never
          >[0],
        ) => (await node('a').processes(match)).map(({ commandLine }) => commandLine);
        expect(await found({ pidfile: '/run/one.pid' })).toEqual(['sleep 1001']);
        expect(await found({ cmdline: 'sleep 100[12]' })).toEqual(['sleep 1001', 'sleep 1002']);
        expect(await found({ name: 'sleep' })).toHaveLength(3);
        const state = async () =>
          (await node('a').processes({ pidfile: '/run/one.pid' })).map(({ state }) => state);
        await node('a').signal({ pidfile: '/run/one.pid' }, 'SIGSTOP');
        expect(await state()).toEqual(['T']);
        await node('a').signal({ pidfile: '/run/one.pid' }, 'SIGCONT');
        expect(await state()).toEqual(['S']);
        const { processes, before, after } = await node('a').signal({ cmdline: 'sleep 100[12]' }, 'SIGKILL');
        expect(processes).toHaveLength(2);
        expect(after - before).toBeLessThan(1e9);
        expect(await found({ cmdline: 'sleep 100[12]' })).toEqual([]);
      });

      test('none is found where none is meant', async () => {
        expect(await node('a').processes({ name: 'nothing' })).toEqual([]);
        await expect(node('a').processes({ pidfile: '/run/nothing.pid' })).rejects.toThrow(
          'no PID file /run/nothing.pid',
        );
      });
    });

    describe('power', () => {
      test('off: both ends of its lines are dead, its neighbour keeps its own; on: it boots as at first', async () => {
        await on(
          'b',
          'echo disk > /var/disk; echo memory > /run/memory; ip route add 10.99.0.0/24 via 10.0.0.1',
        );
        const address = await on('b', 'cat /sys/class/net/eth1/address');
        const cycles = node('b').powerCycles;
        await node('b').stop();
        expect(node('b').network).toBeUndefined();
        expect(await on('a', 'cat /sys/class/net/eth1/carrier; ip -br address show eth1')).toMatch(
          /^0\neth1@\S+ +DOWN +10\.0\.0\.1/,
        );
        await expect(node('b').run({ argv: ['true'] })).rejects.toThrow('no power');
        await node('b').start();
        expect(node('b').powerCycles).toBe(cycles + 1);
        expect(
          await on(
            'b',
            'cat /sys/class/net/eth1/address; cat /var/disk; ls /run/memory 2>/dev/null; ip route show 10.99.0.0/24',
          ),
        ).toBe(`${address}\ndisk${keepsRun ? '\n/run/memory' : ''}`);
        await on('a', 'ip neigh flush all');
        // The kernel tells an interface of its carrier a little later.
        await expect.poll(() => reaches(lab, 'a', '10.0.0.2'), { timeout: 5000 }).toBe(true);
      });

      test('off while a link is cut: the cut is still there when it is on again', async () => {
        await link().cut('test', 'carrier');
        await node('b').stop();
        await node('b').start();
        expect((await link().state()).carrier).toEqual([false, false]);
        await link().restore('test');
        expect(await link().state()).toEqual({ carrier: [true, true], forwards: [true, true] });
      });

      test('frozen: nothing runs and nothing passes, with the carrier up; thawed: all goes on', async () => {
        await node('c').freeze();
        expect(await on('a', 'cat /sys/class/net/wan/carrier')).toBe('1');
        expect(await reaches(lab, 'a', '10.0.1.3')).toBe(false);
        expect((await node('c').processes()).every(({ state }) => state === 'T')).toBe(true);
        await node('c').thaw();
        expect((await node('c').processes()).every(({ state }) => state !== 'T')).toBe(true);
        await on('a', 'ip neigh flush all');
        expect(await reaches(lab, 'a', '10.0.1.3')).toBe(true);
      });

      test('a first process that ends takes its node down, and the lab says so', async () => {
        const told = new Promise<string>((resolve) => {
          lab.onNodeExit = (name, code) => resolve(`${name} ${code}`);
        });
        await node('d').signal({ cmdline: '^sleep infinity' }, 'SIGTERM');
        expect(await told).toMatch(/^d /);
        await node('d').start();
        expect(await on('d', 'cat /var/done')).toMatch(/^\d+$/);
      });
    });
  });
}
