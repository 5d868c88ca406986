import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { type ExecaError, execa } from 'execa';
import { CannotRun } from '../errors.js';

/** What a package is for: running the shipped labs, any daemon of the gateway image, the tests, the benchmarks, the tests on Debian's stock kernel, the tests in a Kubernetes of this machine. */
export const PURPOSES = ['run', 'gateways', 'test', 'bench', 'kernel', 'kubernetes'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** A Debian package that something here needs. */
export interface Package {
  name: string;
  /** Program that shows that it is installed. */
  program: string;
  purpose: Purpose;
  what: string;
  /** Service that Debian would start; the machine itself is not to run it. */
  unit?: string;
}

export const packages: readonly Package[] = [
  { name: 'tini', program: '/usr/bin/tini', purpose: 'run', what: 'first process of a node' },
  { name: 'iproute2', program: '/usr/sbin/ip', purpose: 'run', what: 'ip, in nodes' },
  { name: 'iputils-ping', program: '/usr/bin/ping', purpose: 'run', what: 'ping, in nodes' },
  { name: 'procps', program: '/usr/bin/pgrep', purpose: 'run', what: 'process tools, in nodes' },
  { name: 'frr', program: '/usr/lib/frr/watchfrr', purpose: 'run', what: 'OSPF, BGP, BFD', unit: 'frr' },
  { name: 'wireguard-tools', program: '/usr/bin/wg', purpose: 'run', what: 'WireGuard' },
  {
    name: 'wireguard-go',
    program: '/usr/bin/wireguard-go',
    purpose: 'run',
    what: 'WireGuard where the kernel has none',
  },
  { name: 'netbase', program: '/etc/protocols', purpose: 'run', what: 'names of protocols, for nft' },
  { name: 'nftables', program: '/usr/sbin/nft', purpose: 'run', what: 'firewall and NAT', unit: 'nftables' },
  { name: 'conntrack', program: '/usr/sbin/conntrack', purpose: 'run', what: 'connection tracking' },
  {
    name: 'conntrackd',
    program: '/usr/sbin/conntrackd',
    purpose: 'run',
    what: 'state synchronisation',
    unit: 'conntrackd',
  },
  { name: 'dnsmasq-base', program: '/usr/sbin/dnsmasq', purpose: 'run', what: 'DNS resolver' },
  { name: 'unbound', program: '/usr/sbin/unbound', purpose: 'run', what: 'DNS resolver', unit: 'unbound' },
  {
    name: 'gdnsd',
    program: '/usr/sbin/gdnsd',
    purpose: 'run',
    what: 'DNS with health checks',
    unit: 'gdnsd',
  },
  {
    name: 'keepalived',
    program: '/usr/sbin/keepalived',
    purpose: 'run',
    what: 'VRRP',
    unit: 'keepalived',
  },
  {
    name: 'etcd-server',
    program: '/usr/bin/etcd',
    purpose: 'run',
    what: 'arbiter of a pair',
    unit: 'etcd',
  },
  { name: 'etcd-client', program: '/usr/bin/etcdctl', purpose: 'run', what: 'its client' },
  {
    name: 'iputils-arping',
    program: '/usr/bin/arping',
    purpose: 'run',
    what: 'gratuitous ARP of a script',
  },
  { name: 'fping', program: '/usr/bin/fping', purpose: 'run', what: 'probes of a controller' },
  { name: 'curl', program: '/usr/bin/curl', purpose: 'run', what: 'calls of a playbook' },
  {
    name: 'webhook',
    program: '/usr/bin/webhook',
    purpose: 'run',
    what: 'what a playbook may ask for',
    unit: 'webhook',
  },
  {
    name: 'nginx-light',
    program: '/usr/sbin/nginx',
    purpose: 'run',
    what: 'web server',
    unit: 'nginx',
  },
  {
    name: 'prometheus',
    program: '/usr/bin/prometheus',
    purpose: 'run',
    what: 'monitoring',
    unit: 'prometheus',
  },
  {
    name: 'prometheus-alertmanager',
    program: '/usr/bin/prometheus-alertmanager',
    purpose: 'run',
    what: 'alerts',
    unit: 'prometheus-alertmanager',
  },
  {
    name: 'prometheus-blackbox-exporter',
    program: '/usr/bin/prometheus-blackbox-exporter',
    purpose: 'run',
    what: 'probes from outside',
    unit: 'prometheus-blackbox-exporter',
  },
  { name: 'openvpn', program: '/usr/sbin/openvpn', purpose: 'gateways', what: 'OpenVPN', unit: 'openvpn' },
  { name: 'strongswan-swanctl', program: '/usr/sbin/swanctl', purpose: 'run', what: 'IPsec' },
  {
    name: 'charon-systemd',
    program: '/usr/sbin/charon-systemd',
    purpose: 'run',
    what: 'IPsec',
    unit: 'strongswan',
  },
  {
    name: 'libcharon-extra-plugins',
    program: '/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so',
    purpose: 'run',
    what: 'ESP where the kernel has none',
  },
  {
    name: 'ocserv',
    program: '/usr/sbin/ocserv',
    purpose: 'run',
    what: 'SSL VPN',
    unit: 'ocserv',
  },
  { name: 'openconnect', program: '/usr/sbin/openconnect', purpose: 'run', what: 'its client' },
  {
    name: 'haproxy',
    program: '/usr/sbin/haproxy',
    purpose: 'run',
    what: 'proxies at both ends of lines',
    unit: 'haproxy',
  },
  {
    name: 'mptcpize',
    program: '/usr/bin/mptcpize',
    purpose: 'run',
    what: 'MPTCP for programs that know TCP',
  },
  { name: 'chromium', program: '/usr/bin/chromium', purpose: 'test', what: 'reports in a real browser' },
  {
    name: 'fonts-dejavu-core',
    program: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
    purpose: 'test',
    what: 'text in that browser',
  },
  { name: 'iperf3', program: '/usr/bin/iperf3', purpose: 'test', what: 'probe of throughput' },
  { name: 'msmtp', program: '/usr/bin/msmtp', purpose: 'test', what: 'sender of mails' },
  { name: 'snmp', program: '/usr/bin/snmptrap', purpose: 'test', what: 'sender of traps' },
  {
    name: 'openssh-server',
    program: '/usr/sbin/sshd',
    purpose: 'test',
    what: 'SSH of a gateway',
    unit: 'ssh',
  },
  {
    name: 'systemd',
    program: '/usr/bin/systemd-analyze',
    purpose: 'test',
    what: 'timers, read by systemd itself',
  },
  { name: 'git', program: '/usr/bin/git', purpose: 'test', what: 'repository of a pipeline' },
  { name: 'openssl', program: '/usr/bin/openssl', purpose: 'run', what: 'certificates, and checks of them' },
  {
    name: 'libxml2-utils',
    program: '/usr/bin/xmllint',
    purpose: 'test',
    what: 'JUnit files, parsed by another program',
  },
  {
    name: 'poppler-utils',
    program: '/usr/bin/pdftotext',
    purpose: 'test',
    what: 'reports as PDF, read by another program',
  },
  {
    name: 'prometheus',
    program: '/usr/bin/promtool',
    purpose: 'test',
    what: 'reader of metrics',
    unit: 'prometheus',
  },
  {
    name: 'prometheus-pushgateway',
    program: '/usr/bin/prometheus-pushgateway',
    purpose: 'test',
    what: 'receiver of metrics',
    unit: 'prometheus-pushgateway',
  },
  {
    name: 'python3-prometheus-client',
    program: '/usr/lib/python3/dist-packages/prometheus_client/parser.py',
    purpose: 'test',
    what: 'metrics, parsed by another program',
  },
  {
    name: 'docker.io',
    program: '/usr/sbin/dockerd',
    purpose: 'test',
    what: 'containers for the containerlab runtime',
    unit: 'docker',
  },
  {
    name: 'containerd',
    program: '/usr/bin/containerd',
    purpose: 'test',
    what: 'its helper',
    unit: 'containerd',
  },
  {
    name: 'podman',
    program: '/usr/bin/podman',
    purpose: 'test',
    what: 'the same of another engine',
    unit: 'podman.socket',
  },
  {
    name: 'qemu-system-x86',
    program: '/usr/bin/qemu-system-x86_64',
    purpose: 'kernel',
    what: 'virtual machine',
  },
  { name: 'busybox-static', program: '/bin/busybox', purpose: 'kernel', what: 'its first programs' },
  {
    name: 'containerd',
    program: '/usr/bin/containerd',
    purpose: 'kubernetes',
    what: 'containers of pods',
    unit: 'containerd',
  },
  { name: 'runc', program: '/usr/sbin/runc', purpose: 'kubernetes', what: 'its helper' },
  {
    name: 'containernetworking-plugins',
    program: '/usr/lib/cni/bridge',
    purpose: 'kubernetes',
    what: 'network of pods',
  },
  { name: 'busybox-static', program: '/bin/busybox', purpose: 'kubernetes', what: 'first program of a pod' },
  {
    name: 'debootstrap',
    program: '/usr/sbin/debootstrap',
    purpose: 'kubernetes',
    what: 'the Debian of an image',
  },
  { name: 'iperf3', program: '/usr/bin/iperf3', purpose: 'bench', what: 'peer of the benchmarks' },
  { name: 'irtt', program: '/usr/bin/irtt', purpose: 'bench', what: 'peer of the benchmarks', unit: 'irtt' },
  { name: 'tcpdump', program: '/usr/bin/tcpdump', purpose: 'bench', what: 'the truth on the wire' },
  {
    name: 'mininet',
    program: '/usr/bin/mn',
    purpose: 'bench',
    what: 'peer of the benchmarks',
    unit: 'openvswitch-switch',
  },
];

export const isInstalled = ({ program }: Package): boolean => existsSync(program);

/** Debian asks this file whether a package may start its service; 101 means no. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs Debian packages, without letting them start or enable their services on this machine.
 * @param say told of each line that apt prints
 * @throws CannotRun where apt fails
 */
export async function installPackages(
  wanted: readonly Package[],
  say: (line: string) => void,
): Promise<void> {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await run(['apt-get', 'update', '-q'], say);
    await run(
      ['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...wanted.map(({ name }) => name)],
      say,
    );
  } finally {
    if (isOurs) rmSync(POLICY, { force: true });
  }
  const units = wanted.flatMap(({ unit }) => unit ?? []);
  if (existsSync('/run/systemd/system') && units.length > 0)
    await run(['systemctl', 'disable', '-q', ...units], say).catch(() => {});
}

async function run([command = '', ...argv]: string[], say: (line: string) => void): Promise<void> {
  const child = execa(command, argv, {
    all: true,
    stdin: 'ignore',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  const lines: string[] = [];
  try {
    for await (const line of child.iterable({ from: 'all' })) {
      lines.push(line);
      say(line);
    }
    await child;
  } catch (error) {
    const { code, exitCode } = error as ExecaError;
    if (code === 'ENOENT')
      throw new CannotRun(
        `${command} is not on this machine: only Debian and its kin can be prepared this way`,
      );
    throw new CannotRun(`${command} ${argv[0]} failed (${exitCode}): ${lines.slice(-5).join('\n')}`, {
      cause: error,
    });
  }
}
