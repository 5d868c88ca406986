import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deriveTopology, portName } from '../../../src/runtime/containerlab/derive.js';
import { loadTopology } from '../../../src/topology/load.js';

interface Derived {
  mgmt?: unknown;
  topology: {
    defaults?: Record<string, unknown>;
    kinds?: Record<string, unknown>;
    nodes: Record<string, Record<string, unknown>>;
    links: Record<string, unknown>[];
  };
}

/** Derives a topology as written, and reads what containerlab would. */
function derive(text: string, skipManagementNetwork = false): Derived {
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-test-'));
  try {
    writeFileSync(join(folder, 'x.clab.yml'), text);
    return parse(
      deriveTopology(loadTopology(join(folder, 'x.clab.yml'), {}), { skipManagementNetwork }),
    ) as Derived;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NODES = `name: x
topology:
  kinds: { linux: { image: "\${IMAGE:=faildrill/host}", exec: [echo all] } }
  nodes:
    a: { exec: [ip route add default via 10.0.0.2], sysctls: { net.ipv4.ip_forward: 0 } }
    b:
    v: { kind: nokia_srlinux, image: "srlinux:24", startup-config: v.cfg, type: ixrd2 }
    br0: { kind: bridge }
`;

describe('links between nodes pass the machine', () => {
  const { topology } = derive(
    `${NODES}  links:\n    - { endpoints: [a:eth1, b:eth1], mtu: 1400, ipv4: [10.0.0.1/24, 10.0.0.2/24], ipv6: ["2001:db8::1/64", ""] }\n    - { endpoints: [a:eth2, host:up0] }\n    - { type: veth, endpoints: [{ node: v, interface: e1-1, mac: "02:00:00:00:00:aa" }, { node: br0, interface: p1 }] }\n`,
  );

  test('each as two, with the MACs and MTU of the link', () => {
    const mac = expect.stringMatching(/^aa:c1:ab(:[0-9a-f]{2}){3}$/);
    const part = (node: string, name: string) => ({
      type: 'host',
      endpoint: { node, interface: name, mac },
      'host-interface': portName('x', { node, interface: name }),
      mtu: 1400,
    });
    expect(topology.links.slice(0, 2)).toEqual([part('a', 'eth1'), part('b', 'eth1')]);
    expect(topology.links[3]).toMatchObject({ endpoint: { node: 'v', mac: '02:00:00:00:00:aa' }, mtu: 9500 });
    expect(topology.links).toHaveLength(5);
  });

  test('others stay as they are written', () => {
    expect(topology.links[2]).toEqual({ endpoints: ['a:eth2', 'host:up0'] });
  });

  test('Linux nodes get their addresses, all at once, before their own commands run', () => {
    expect(topology.nodes.a!.exec).toEqual([
      "sh -c 'ip address add 10.0.0.1/24 dev eth1 && ip address add 2001:db8::1/64 dev eth1'",
      'echo all',
      'ip route add default via 10.0.0.2',
    ]);
    expect(topology.nodes.b!.exec).toEqual(['ip address add 10.0.0.2/24 dev eth1', 'echo all']);
  });

  test('whose number they are told, to wait for them', () => {
    expect(topology.nodes.a!.env).toEqual({ LAB_ADDRESSES: '2' });
    expect(topology.nodes.br0!.env).toBeUndefined();
  });

  test('Linux nodes forward unless they say otherwise, and stay down when they have ended', () => {
    expect(topology.nodes.b).toMatchObject({
      sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.all.rp_filter': '0' },
      'restart-policy': 'no',
    });
    expect(topology.nodes.a!.sysctls).toMatchObject({ 'net.ipv4.ip_forward': '0' });
  });

  test("a vendor's node is left alone", () => {
    expect(topology.nodes.v).toEqual({
      kind: 'nokia_srlinux',
      image: 'srlinux:24',
      'startup-config': 'v.cfg',
      type: 'ixrd2',
    });
  });

  test('a bridge is made inside the lab', () => {
    expect(topology.nodes.br0).toMatchObject({
      kind: 'linux',
      exec: ['ip link add br0 type bridge', 'ip link set br0 up', 'ip link set p1 master br0'],
    });
  });

  test('kinds are there, and variables are filled in', () => {
    expect(topology.defaults).toEqual({ kind: 'linux' });
    expect(topology.kinds).toMatchObject({ linux: { image: 'faildrill/host' } });
  });
});

test("a vendor's node may get its addresses from containerlab", () => {
  const { topology } = derive(
    `${NODES}  links:\n    - { endpoints: [v:e1-1, a:eth1], ipv4: [10.0.0.1/24, 10.0.0.2/24], ipv6: ["2001:db8::1/64", ""] }\n`,
  );
  expect(topology.links[0]).toMatchObject({ endpoint: { ipv4: '10.0.0.1/24', ipv6: '2001:db8::1/64' } });
  expect(topology.links[1]!.endpoint).not.toHaveProperty('ipv4');
});

test('no management network where none is used, if containerlab can that and the file says nothing of it', () => {
  expect(derive(NODES).mgmt).toBeUndefined();
  expect(derive(NODES, true).mgmt).toEqual({ 'skip-when-unused': true });
  expect(derive(`${NODES}mgmt: { network: mine, skip-when-unused: false }\n`, true).mgmt).toEqual({
    network: 'mine',
    'skip-when-unused': false,
  });
});

test('names of ports fit an interface and differ', () => {
  const names = ['a', 'b'].flatMap((node) =>
    ['eth1', 'eth2'].map((name) => portName('lab', { node, interface: name })),
  );
  expect(new Set(names).size).toBe(4);
  expect(names.every((name) => name.length <= 15)).toBe(true);
  expect(portName('lab', { node: 'a', interface: 'eth1' })).toBe(names[0]);
});
