import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTopology } from '../../src/topology/load.js';
import { findLink } from '../../src/topology/topology.js';
import { temporaryFolder } from '../fixtures/scenario.js';

function load(text: string, files: Record<string, string> = {}, variables = {}) {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries({ 'lab.clab.yml': text, ...files })) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return { folder, topology: loadTopology(join(folder, 'lab.clab.yml'), variables) };
}

const node = (text: string, name = 'n', files = {}) => load(text, files).topology.nodes.get(name)!;

describe('inheritance', () => {
  const LEVELS = `name: lab
topology:
  defaults:
    kind: linux
    image: from-defaults
    env: { A: defaults, B: defaults, C: defaults, D: defaults }
    exec: [from defaults, everywhere]
    sysctls: { net.x: 1 }
  kinds:
    linux: { image: from-kind, env: { B: kind, C: kind, D: kind }, exec: [from kind, everywhere] }
  groups:
    g: { cmd: from-group, env: { C: group, D: group }, exec: [from group] }
  nodes:
    n: { group: g, env: { D: node }, exec: [from node], labels: { role: x } }
    other:
`;

  test('the strongest level wins: node, group, kind, defaults', () => {
    expect(node(LEVELS)).toMatchObject({ kind: 'linux', image: 'from-kind', cmd: 'from-group' });
  });

  test('maps are merged, lists are joined from the weakest on, each value once', () => {
    expect(node(LEVELS)).toMatchObject({
      env: { A: 'defaults', B: 'kind', C: 'group', D: 'node' },
      exec: ['from defaults', 'everywhere', 'from kind', 'from group', 'from node'],
      sysctls: { 'net.x': '1' },
      labels: { role: 'x' },
    });
  });

  test('a node may be empty', () => {
    expect(node(LEVELS, 'other')).toMatchObject({
      image: 'from-kind',
      env: { D: 'kind' },
      hostname: 'other',
    });
  });

  test('a node gets its kind from its group', () => {
    const text =
      'name: l\ntopology:\n  defaults: { kind: linux }\n  groups: { g: { kind: bridge } }\n  nodes: { n: { group: g } }\n';
    expect(node(text).kind).toBe('bridge');
  });

  test('binds for one place replace each other, the stronger level winning; :ro is seen', () => {
    const text =
      'name: l\ntopology:\n  defaults: { binds: ["a:/x", "a:/y:ro"] }\n  nodes: { n: { binds: ["b:/x"] } }\n';
    const { binds } = node(text, 'n', { a: '', b: '' });
    expect(binds.map(({ source, target, readOnly }) => [source.split('/').at(-1), target, readOnly])).toEqual(
      [
        ['b', '/x', false],
        ['a', '/y', true],
      ],
    );
  });

  test('env-files are read, and weaker than env', () => {
    const text = 'name: l\ntopology:\n  nodes: { n: { env-files: [e], env: { A: own } } }\n';
    expect(node(text, 'n', { e: 'A=file\nB="from file"\n' }).env).toEqual({ A: 'own', B: 'from file' });
  });

  test('stages add up over the levels', () => {
    const text = `name: l
topology:
  defaults: { stages: { create: { wait-for: [{ node: m, stage: configure }] } } }
  nodes:
    m:
    n: { startup-delay: 2, stages: { create: { wait-for: [{ node: m, stage: create }] }, configure: { exec: [{ command: x, phase: on-exit }] } } }
`;
    const { stages, startupDelay } = node(text);
    expect(stages.create.waitFor).toEqual([
      { node: 'm', stage: 'configure' },
      { node: 'm', stage: 'create' },
    ]);
    expect(stages.configure.exec).toEqual([{ command: 'x', phase: 'on-exit', target: 'container' }]);
    expect(startupDelay).toBe(2e9);
  });
});

describe('links', () => {
  const links = (text: string) =>
    load(`name: l\ntopology:\n  nodes: { a: , b: , br: { kind: bridge } }\n  links:\n${text}`).topology.links;

  test('in brief form, with addresses and MTU', () => {
    const [link] = links(
      '    - { endpoints: ["a:eth1", "b:eth1"], mtu: 1500, ipv4: ["10.0.0.1/30", ""], ipv6: ["2001:db8::1/64"] }\n',
    );
    expect(link).toMatchObject({ type: 'veth', name: 'a:eth1 <-> b:eth1', mtu: 1500 });
    expect(link!.ends[0]).toMatchObject({ ipv4: '10.0.0.1/30', ipv6: '2001:db8::1/64' });
    expect(link!.ends[1]).not.toHaveProperty('ipv4');
  });

  test('in extended form', () => {
    const [link] = links(
      '    - { type: veth, endpoints: [{ node: a, interface: e, mac: "02:00:00:00:00:01", ipv4: 10.0.0.1/30 }, { node: b, interface: f }] }\n',
    );
    expect(link).toMatchObject({
      mtu: 9500,
      ends: [{ node: 'a', interface: 'e', mac: '02:00:00:00:00:01', ipv4: '10.0.0.1/30' }, { node: 'b' }],
    });
  });

  test('MACs are made as containerlab makes them, the same each time', () => {
    const text = '    - { endpoints: ["a:eth1", "b:eth1"] }\n';
    const macs = () => links(text)[0]!.ends.map(({ mac }) => mac);
    expect(macs()).toEqual(macs());
    for (const mac of macs()) expect(mac).toMatch(/^aa:c1:ab(:[0-9a-f]{2}){3}$/);
    expect(new Set(macs()).size).toBe(2);
  });

  test('to the host, to a bridge, and others that a runtime may refuse', () => {
    const all = links(
      '    - { endpoints: ["a:eth1", "host:x"] }\n    - { endpoints: ["a:eth2", "br:p1"] }\n    - { type: dummy, endpoint: { node: a, interface: d } }\n    - { type: host, endpoint: { node: b, interface: e }, host-interface: h }\n',
    );
    expect(all.map(({ type }) => type)).toEqual(['host', 'veth', 'dummy', 'host']);
  });

  test('are found by name either way round', () => {
    const all = links('    - { endpoints: ["a:eth1", "b:eth1"] }\n');
    expect(findLink(all, 'b:eth1 <-> a:eth1')).toMatchObject({ reversed: true });
    expect(findLink(all, 'a:eth1<->b:eth1')).toMatchObject({ reversed: false });
    expect(findLink(all, 'a:eth1 <-> b:eth2')).toBeUndefined();
  });
});

test.each([
  ['$A-$B', '1-$B'],
  [`\${A}/\${B}`, `1/\${B}`],
  [`\${B:=two}`, 'two'],
  [`\${B:-two}`, 'two'],
  [`\${A:=two}`, '1'],
  [`\${E:=two}`, 'two'],
  [`\${E=two}`, ''],
  [`\${A:+set}`, 'set'],
  [`\${B:=a/b.conf}`, 'a/b.conf'],
])('variables: %s', (image, expected) => {
  const text = `name: l\ntopology:\n  nodes: { n: { image: "x${image}" } }\n`;
  expect(load(text, {}, { A: '1', E: '' }).topology.nodes.get('n')!.image).toBe(`x${expected}`);
});

describe('a mistake is shown with its place', () => {
  const TOP = 'name: l\ntopology:\n  nodes: { a: , b: }\n';
  test.each([
    ['no file content', '', '1:1: expected keys with values, not nothing'],
    ['unknown key', `${TOP}  linkz: []\n`, '4:3: unknown key "linkz"; did you mean "links"?'],
    [
      'unknown key of a node',
      'name: l\ntopology:\n  nodes:\n    a: { imgae: x }\n',
      '4:10: unknown key "imgae"; did you mean "image"?',
    ],
    [
      'a quote without an end',
      'name: l\ntopology:\n  nodes:\n    a: { exec: ["sh -c \'x"] }\n',
      '4:16: node "a": a quote has no end in the command sh -c \'x',
    ],
    ['a name missing', 'topology:\n  nodes: { a: }\n', '1:1: "name" is missing'],
    [
      'unknown node in a link',
      `${TOP}  links: [{ endpoints: ["a:eth1", "c:eth1"] }]\n`,
      '4:24: unknown node "c"; there are "a", "b"',
    ],
    [
      'not an endpoint',
      `${TOP}  links: [{ endpoints: ["a", "b:eth1"] }]\n`,
      '4:25: expected an endpoint as node:interface',
    ],
    [
      'an end twice',
      `${TOP}  links:\n    - endpoints: ["a:eth1", "b:eth1"]\n    - endpoints: ["a:eth1", "b:eth2"]\n`,
      '6:7: a:eth1 is already an end of another link',
    ],
    [
      'a node with the name of what is outside',
      'name: l\ntopology:\n  nodes:\n    host:\n',
      '"host" cannot be the name of a node',
    ],
    [
      'an unknown link type',
      `${TOP}  links: [{ type: vath, endpoints: [] }]\n`,
      'unknown link type; expected veth, host',
    ],
    [
      'not an address',
      `${TOP}  links: [{ endpoints: ["a:eth1", "b:eth1"], ipv4: ["10.0.0.300/24"] }]\n`,
      'not an IPv4 address with prefix length: 10.0.0.300/24',
    ],
    [
      'too long an interface',
      `${TOP}  links: [{ endpoints: ["a:averyveryverylongname", "b:eth1"] }]\n`,
      'cannot be the name of an interface',
    ],
    [
      'a bind without a target',
      'name: l\ntopology:\n  nodes:\n    a: { binds: [x] }\n',
      '4:17: node "a": expected a bind as source:target',
    ],
    [
      'a bind of nothing',
      'name: l\ntopology:\n  nodes:\n    a: { binds: ["nothing:/x"] }\n',
      '/nothing to bind',
    ],
    [
      'an unknown group',
      'name: l\ntopology:\n  groups: { gateways: }\n  nodes:\n    a: { group: gateway }\n',
      '5:17: unknown group "gateway"; did you mean "gateways"?',
    ],
    [
      'waiting for an unknown node',
      'name: l\ntopology:\n  nodes:\n    a: { stages: { create: { wait-for: [{ node: x, stage: create }] } } }\n',
      '4:49: unknown node "x"',
    ],
  ])('%s', (_, text, expected) => {
    expect(() => load(text)).toThrow(expected);
  });
});
