import { describe, expect, test } from 'vitest';
import { namespaceRuntime } from '../../src/runtime/namespace/index.js';
import { joinLab, raiseLab, runningLabs } from '../../src/runtime/namespace/labs.js';
import { loadTopology } from '../../src/topology/load.js';
import { PAIR, temporaryFolder } from '../fixtures/scenario.js';
import { describeContract } from './contract.js';
import { deploy, sh, writeTopology } from './labs.js';
import { expectNothingLeft, trace } from './machine.js';

describeContract(namespaceRuntime);

describe('privacy', () => {
  test('homes, secrets, other mounts and the project itself are hidden', async () => {
    await using lab = await deploy({ folder: temporaryFolder(), topology: PAIR });
    expect(
      await sh(
        lab,
        'a',
        `ls -A /root /home ${process.cwd()} | grep -v :; cat /etc/shadow; ls /etc/ssh 2>/dev/null`,
      ),
    ).toBe('');
    expect(await sh(lab, 'a', 'ls /dev | tr "\\n" " "')).toBe(
      'fd full net null ptmx pts random shm stderr stdin stdout tty urandom zero',
    );
    expect(await sh(lab, 'a', 'ls -A /tmp /run | grep -v : | grep -v mount')).toBe('lock');
  });

  test("the machine's own daemon configuration is not a node's", async () => {
    const topology = PAIR.replace('faildrill/host', 'faildrill/gateway');
    await using lab = await deploy({ folder: temporaryFolder(), topology });
    expect(
      await sh(
        lab,
        'a',
        'ls -A /etc/frr /etc/wireguard /etc/keepalived 2>/dev/null | grep -v :; pgrep -c zebra || true',
      ),
    ).toBe('0');
  });
});

describe('what it cannot run is said clearly, and nothing is left', () => {
  const one = (node: string) => `name: bad\ntopology:\n  nodes:\n    n: { ${node} }\n`;
  const pair = (link: string) =>
    `name: bad\ntopology:\n  kinds: { linux: { image: faildrill/host } }\n  nodes: { a: , b: }\n  links: [${link}]\n`;
  test.each([
    [
      'an image of a registry',
      one('image: "ghcr.io/nokia/srlinux:24.10"'),
      'the image ghcr.io/nokia/srlinux:24.10 cannot be had without containers',
    ],
    [
      'a name as long as no socket can be called',
      `name: ${'long'.repeat(30)}\n${one('image: faildrill/host').slice('name: bad\n'.length)}`,
      "a lab's name has room for 93 characters",
    ],
    ['no image', one('kind: linux'), 'node "n" has no image'],
    [
      'a vendor kind',
      one('kind: nokia_srlinux, image: faildrill/host'),
      'kind "nokia_srlinux" is not in the namespace runtime',
    ],
    [
      'a sysctl of the whole machine',
      one('image: faildrill/host, sysctls: { vm.swappiness: 1 }'),
      "the sysctl vm.swappiness, which is the whole machine's,",
    ],
    [
      'a link to nowhere here',
      pair('{ type: vxlan, endpoint: { node: a, interface: e }, remote: 10.0.0.1, vni: 1 }'),
      'type "vxlan" is not in the namespace runtime',
    ],
    ['a command that fails', one('image: faildrill/host, exec: ["false"]'), 'node n: "false" failed (1)'],
    [
      'a first process that ends',
      one('image: faildrill/host, entrypoint: "true", exec: ["sleep 1"]'),
      'node n',
    ],
    [
      'a setting that the kernel does not have',
      one('image: faildrill/host, sysctls: { net.ipv4.nothing: 1 }'),
      'net/ipv4/nothing',
    ],
    [
      'a command on the machine itself',
      one('image: faildrill/host, stages: { create: { exec: [{ command: x, target: host }] } }'),
      'runs a command on the machine itself',
    ],
  ])('%s', async (_, topology, message) => {
    const before = trace();
    await expect(deploy({ folder: temporaryFolder(), topology })).rejects.toThrow(message);
    await expectNothingLeft(before);
  });
});

test('a lab goes without a trace', async () => {
  const before = trace();
  {
    await using lab = await deploy({ folder: temporaryFolder(), topology: PAIR });
    await lab.nodes.get('a')!.stop();
    await lab.links.get('a:eth2 <-> b:eth2')!.cut('x', 'carrier');
    expect(trace()).not.toEqual(before);
  }
  await expectNothingLeft(before);
});

test('a second lab of the same name is refused, and the first lives on', async () => {
  await using lab = await deploy({ folder: temporaryFolder(), topology: PAIR });
  await expect(deploy({ folder: temporaryFolder(), topology: PAIR })).rejects.toThrow(
    'a lab named "pair" is up already',
  );
  expect(await sh(lab, 'a', 'hostname')).toBe('a');
});

test('an end on the machine itself is there with the lab only', async () => {
  const before = trace();
  {
    const topology = `name: host-end\ntopology:\n  nodes: { a: { image: faildrill/host } }\n  links: [{ endpoints: ["a:eth1", "host:fdtest0"] }]\n`;
    await using _ = await deploy({ folder: temporaryFolder(), topology });
    expect(trace().interfaces).toContain('fdtest0');
  }
  await expectNothingLeft(before);
});

test('a detached lab stays, is found, and goes when it is told to', async () => {
  const before = trace();
  const lab = await raiseLab(loadTopology(writeTopology(temporaryFolder(), PAIR)));
  lab.leave();
  expect(runningLabs()).toContain('pair');
  {
    await using joined = await joinLab('pair');
    expect(await sh(joined, 'b', 'hostname')).toBe('b');
  }
  await expectNothingLeft(before);
  await expect(joinLab('pair')).rejects.toThrow('no lab named "pair" is up');
});

test('only the user that a lab belongs to may speak to it', async () => {
  await using _ = await deploy({ folder: temporaryFolder(), topology: PAIR });
  const { execFileSync } = await import('node:child_process');
  const script =
    "const s=require('net').connect({path:'\\0faildrill/lab/pair'});s.on('connect',()=>s.write('{\"id\":1,\"method\":\"describe\"}\\n'));s.on('data',d=>{console.log('answered');process.exit()});s.on('close',()=>{console.log('refused');process.exit()});s.on('error',()=>{});";
  const as = (user: string) =>
    execFileSync(
      'setpriv',
      [
        '--reuid',
        user,
        '--regid',
        user === 'root' ? user : 'nogroup',
        '--clear-groups',
        process.execPath,
        '-e',
        script,
      ],
      { encoding: 'utf8', cwd: '/' },
    ).trim();
  expect(as('nobody')).toBe('refused');
  expect(as('root')).toBe('answered');
});
