import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Clock } from '../../src/linux/clock.js';
import { pidNamespaceOf, processesOf } from '../../src/linux/processes.js';
import { attachedRuntime, containerlabRuntime } from '../../src/runtime/containerlab/index.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { loadTopology } from '../../src/topology/load.js';
import { PAIR, SCENARIO, temporaryFolder, writeScenario } from '../fixtures/scenario.js';
import { Dockerd, type Engine } from './dockerd.js';
import { decided, faildrill } from './drill.js';
import { reaches, sh, writeTopology } from './labs.js';

const TOPOLOGY = PAIR.replace('name: pair', 'name: visited');
const LINK = 'a:eth1 <-> b:eth1';
const IMAGE = 'test/node';

/** Visits labs of containers of one engine. */
export function describeAttached(engine: Engine): void {
  describe(engine, () => {
    let dockerd: Dockerd;
    let folder: string;
    const pids: Record<string, number> = {};
    const previous = process.env.DOCKER_HOST;

    const inside = (pid: number, line: string) =>
      execFileSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'sh', '-c', line], { encoding: 'utf8' });

    /** What a visitor could leave in a node, its links apart. */
    const withoutLinks = (pid: number) => ({
      firewall: inside(pid, 'nft list ruleset'),
      processes: processesOf(pidNamespaceOf(pid)!).map(({ pids: numbers, commandLine, state }) => [
        numbers,
        commandLine,
        state === 'T',
      ]),
    });

    /** What a visitor could leave in a lab. */
    const trace = () =>
      Object.fromEntries(
        Object.entries(pids).map(([node, pid]) => [
          node,
          {
            links: inside(pid, 'ip -d link show'),
            addresses: inside(pid, 'ip address show'),
            routes: inside(pid, 'ip route show table all; ip -6 route show table all; ip rule'),
            qdiscs: inside(
              pid,
              'tc qdisc show; for i in eth1 eth2; do tc filter show dev $i egress; tc filter show dev $i ingress; done',
            ),
            ...withoutLinks(pid),
          },
        ]),
      );

    const attach = () =>
      attachedRuntime.deploy({ topology: loadTopology(writeTopology(folder, TOPOLOGY)), clock: new Clock() });

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
      dockerd = await Dockerd.start(engine);
      process.env.DOCKER_HOST = dockerd.host;
      await dockerd.importImage(IMAGE);
      const command = 'echo started; exec sleep infinity';
      for (const node of ['a', 'b'])
        pids[node] = await dockerd.startNode({ lab: 'visited', node, image: IMAGE, command });
      for (const name of ['eth1', 'eth2'])
        inside(pids.a!, `ip link add ${name} netns ${pids.a} type veth peer name ${name} netns ${pids.b}`);
      for (const [node, number] of [
        ['a', 1],
        ['b', 2],
      ] as const)
        inside(
          pids[node]!,
          `ip link set eth1 up; ip link set eth2 up; ip address add 10.0.1.${number}/24 dev eth1`,
        );
    }, 120_000);

    afterAll(async () => {
      await dockerd?.[Symbol.asyncDispose]();
      if (previous === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = previous;
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    describe('a lab that is up is visited', () => {
      let lab: Lab;
      const node = (name: string) => lab.nodes.get(name)!;
      const link = () => lab.links.get(LINK)!;
      beforeAll(async () => {
        lab = await attach();
      });
      afterAll(() => lab?.[Symbol.asyncDispose]());

      test('commands return what they print, and how they end', async () => {
        const argv = ['sh', '-c', 'echo $WHO $X; cat; hostname; echo err >&2; exit 3'];
        expect(await node('a').run({ argv, env: { X: 'y' }, input: 'ü\n' })).toMatchObject({
          code: 3,
          signal: null,
          stdout: 'me y\nü\na\n',
          stderr: 'err\n',
          timedOut: false,
        });
        expect(await node('a').run({ argv: ['sh', '-c', 'kill -TERM $$'] })).toMatchObject({
          code: null,
          signal: 'SIGTERM',
        });
        expect(await node('a').run({ argv: ['id', '-un'], user: 'nobody' })).toMatchObject({
          stdout: 'nobody\n',
        });
        await expect(node('a').run({ argv: ['no-such-program'] })).rejects.toThrow('no-such-program');
      });

      test('commands that take too long are ended, with what they started', async () => {
        const { timedOut } = await node('a').run({
          argv: ['sh', '-c', 'sleep 31 & sleep 32; true'],
          timeout: 200e6,
        });
        expect(timedOut).toBe(true);
        await expect.poll(() => node('a').processes({ cmdline: '^sleep 3[12]' })).toEqual([]);
      });

      test('its console is followed', async () => {
        await expect.poll(() => readFileSync(node('b').console, 'utf8')).toBe('started\n');
      });

      test('processes are found and signalled', async () => {
        await sh(lab, 'a', 'sleep 1001 & echo $! > /run/one.pid');
        const [found] = await node('a').processes({ pidfile: '/run/one.pid' });
        expect(found).toMatchObject({ commandLine: 'sleep 1001' });
        await node('a').signal({ pidfile: '/run/one.pid' }, 'SIGSTOP');
        expect(await node('a').processes({ cmdline: 'sleep 1001' })).toMatchObject([{ state: 'T' }]);
        await node('a').signal({ cmdline: 'sleep 1001' }, 'SIGKILL');
        expect(await node('a').processes({ cmdline: 'sleep 1001' })).toEqual([]);
        await sh(lab, 'a', 'rm /run/one.pid');
      });

      test('a link is cut so that packets vanish, both ways or one, and is mended', async () => {
        expect(await reaches(lab, 'a', '10.0.1.2')).toBe(true);
        await link().cut('one', 'silent');
        await link().cut('two', 'one-way', 'back');
        expect(await link().state()).toEqual({ carrier: [true, true], forwards: [false, false] });
        expect(await reaches(lab, 'a', '10.0.1.2')).toBe(false);
        await link().restore('one');
        expect(await link().state()).toEqual({ carrier: [true, true], forwards: [true, false] });
        await link().restore('two');
        expect(await reaches(lab, 'a', '10.0.1.2')).toBe(true);
      });

      test('its carrier and the power of a node are not taken', async () => {
        await expect(link().cut('x', 'carrier')).rejects.toThrow(
          'the carrier of a:eth1 <-> b:eth1 cannot be taken',
        );
        await expect(node('a').stop()).rejects.toThrow('the power of node a cannot be cut');
        expect(await sh(lab, 'a', 'hostname')).toBe('a');
      });

      test('a node is frozen: nothing runs and nothing passes, with the carrier up; thawed, all goes on', async () => {
        await node('b').freeze();
        expect((await node('b').processes()).every(({ state }) => state === 'T')).toBe(true);
        expect((await link().state()).carrier).toEqual([true, true]);
        expect(await reaches(lab, 'a', '10.0.1.2')).toBe(false);
        await node('b').thaw();
        expect((await node('b').processes()).every(({ state }) => state !== 'T')).toBe(true);
        expect(await reaches(lab, 'a', '10.0.1.2')).toBe(true);
      });
    });

    test('a drill leaves the lab as it was', async () => {
      const home = temporaryFolder();
      const before = trace();
      const file = writeScenario(home, SCENARIO, TOPOLOGY);
      const { code, result } = await decided(home, '--attach', file);
      expect(code).toBe(0);
      expect(result).toMatchObject({ verdict: 'pass', lab: { runtime: 'containerlab' } });
      expect(trace()).toEqual(before);
    });

    test('what cannot be visited or deployed is said clearly, with exit code 4, and the lab is left as it was', async () => {
      const home = temporaryFolder();
      const before = trace();
      const refused = async (topology: string, ...argv: string[]) => {
        const { exitCode, stderr } = await faildrill(
          home,
          'run',
          ...argv,
          writeScenario(home, SCENARIO, topology),
        );
        return `${exitCode} ${stderr.split('\n').find((line) => line.startsWith('error'))}`;
      };
      expect(await refused(TOPOLOGY.replace('visited', 'nowhere'), '--attach')).toContain(
        '4 error no lab named "nowhere" is up in Docker',
      );
      expect(await refused(TOPOLOGY.replaceAll('eth2', 'eth9'), '--attach')).toContain('a has no eth9');
      expect(await refused(TOPOLOGY.replace('b: }', 'b: , c: }'), '--attach')).toContain(
        'there is no container for node c',
      );
      expect(trace()).toEqual(before);
    });

    test('a node without a shell: what needs one says so, the rest works', async () => {
      await dockerd.startNode({ lab: 'bare', node: 'a', image: IMAGE });
      const topology = `name: bare\ntopology:\n  nodes: { a: { kind: linux, image: ${IMAGE} } }\n`;
      await using lab = await attachedRuntime.deploy({
        topology: loadTopology(writeTopology(folder, topology)),
        clock: new Clock(),
      });
      const node = lab.nodes.get('a')!;
      await expect(node.run({ argv: ['/bin/sh', '-c', 'true'] })).rejects.toThrow(
        /^cannot run \/bin\/sh: .*no such file/,
      );
      expect(await node.run({ argv: ['/sleep', '0'] })).toMatchObject({ code: 0 });
      expect(await node.processes()).toMatchObject([{ pid: 1, commandLine: '/sleep infinity' }]);
      await node.freeze();
      expect(await node.processes()).toMatchObject([{ state: 'T' }]);
      await node.thaw();
    });

    test('a node that ends by itself during a drill: no verdict, and the other is left as it was', async () => {
      const home = temporaryFolder();
      const before = withoutLinks(pids.a!);
      const drilled = faildrill(
        home,
        'run',
        '--attach',
        writeScenario(home, SCENARIO.replace('hold: 300ms', 'hold: 20s'), TOPOLOGY),
      );
      // Ends while the link is cut.
      let said = '';
      drilled.stderr?.on('data', (text) => {
        said += text;
      });
      await expect.poll(() => said, { timeout: 30_000 }).toContain('cut: ');
      execFileSync('kill', ['-KILL', String(pids.b)]);
      const { exitCode, stdout } = await drilled;
      expect({ exitCode, stdout }).toEqual({
        exitCode: 2,
        stdout: expect.stringContaining('node b went down by itself: its first process ended (137)'),
      });
      // The wire to b is gone with b.
      expect(withoutLinks(pids.a!)).toEqual(before);
    });

    test('nobody answers at the socket: said with what to do', async () => {
      const host = process.env.DOCKER_HOST;
      process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
      try {
        const topology = loadTopology(writeTopology(folder, TOPOLOGY));
        for (const runtime of [attachedRuntime, containerlabRuntime])
          await expect(runtime.deploy({ topology, clock: new Clock() })).rejects.toMatchObject({
            message: 'Docker does not answer at unix:///nowhere/docker.sock: ENOENT',
            hint: expect.stringContaining('start the daemon'),
          });
      } finally {
        process.env.DOCKER_HOST = host;
      }
    });
  });
}
