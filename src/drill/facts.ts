import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { packageFile } from '../paths.js';
import type { Environment, FileFact } from '../recording/events.js';
import type { Topology } from '../topology/topology.js';
import { keptCalibration } from './kept-calibration.js';

const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '');

/** Packages whose programs make up a lab. */
const PACKAGES = [
  'bird2',
  'conntrackd',
  'dnsmasq-base',
  'etcd-server',
  'frr',
  'gdnsd',
  'iproute2',
  'keepalived',
  'nftables',
  'nginx-light',
  'openvpn',
  'strongswan-charon',
  'tini',
  'unbound',
  'wireguard-go',
  'wireguard-tools',
];

/** Installed versions of packages, from dpkg's own list; none on a machine without it. */
export function packageVersions(packages: readonly string[]): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const entry of read('/var/lib/dpkg/status').split('\n\n')) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1];
    const name = field('Package');
    const version = field('Version');
    if (name && version && packages.includes(name) && field('Status')?.endsWith(' installed'))
      versions[name] = version;
  }
  return versions;
}

/** What this machine is. */
export function environmentFacts(): Environment {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  const facts: Environment = {
    faildrill: version,
    node: process.version,
    kernel: release(),
    distribution: /^PRETTY_NAME="?([^"\n]*)/m.exec(read('/etc/os-release'))?.[1] ?? 'unknown',
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryBytes: totalmem(),
    load: loadavg().map((load) => Number(load.toFixed(2))),
    virtualization: /\bhypervisor\b/.test(read('/proc/cpuinfo'))
      ? read('/sys/class/dmi/id/product_name') || 'virtual machine'
      : 'none',
    programs: packageVersions(PACKAGES),
  };
  const calibration = keptCalibration(facts);
  return { ...facts, ...(calibration && { calibration }) };
}

/** SHA-256 of a text. */
export const digest = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** The topology file and every file that its nodes are given, by path from the topology's folder. */
export function topologyFiles({ file, nodes }: Topology): FileFact[] {
  const sources = [...nodes.values()].flatMap(({ binds }) => binds.map(({ source }) => source));
  const files = [file, ...new Set(sources.flatMap(filesBelow))];
  return [...new Set(files)].map((path) => ({
    path: relative(dirname(file), path),
    sha256: digest(readFileSync(path)),
  }));
}
