import { existsSync } from 'node:fs';
import { packageFile } from '../../paths.js';
import type { Bind } from '../../topology/topology.js';

/** A daemon that an image starts where a node has a configuration for it. */
export interface Daemon {
  /** Folder or file whose presence among a node's binds means that the daemon is wanted. */
  configuration: string;
  /** Program that must be on the machine, absolute. */
  program: string;
  /** Debian package that has it. */
  package: string;
}

/** What the namespace runtime starts where a topology names an image: the machine's own programs. */
export interface HostImage {
  /** Names it stands for, without tag. */
  names: RegExp;
  description: string;
  /** What the first process runs, unless the node says otherwise: `entrypoint`, then `cmd`. */
  entrypoint: string[];
  command: string[];
  /** Folders that start empty. */
  emptied: string[];
  binds: Bind[];
  daemons: Daemon[];
  /** Programs that it needs in any case. */
  needs: Omit<Daemon, 'configuration'>[];
}

const IDLE = ['sleep', 'infinity'];

const FRR: Daemon = { configuration: '/etc/frr', program: '/usr/lib/frr/watchfrr', package: 'frr' };

const GATEWAY_DAEMONS: Daemon[] = [
  FRR,
  { configuration: '/etc/wireguard', program: '/usr/bin/wg', package: 'wireguard-tools' },
  { configuration: '/etc/swanctl', program: '/usr/sbin/swanctl', package: 'strongswan-swanctl' },
  { configuration: '/etc/swanctl', program: '/usr/sbin/charon-systemd', package: 'charon-systemd' },
  { configuration: '/etc/keepalived', program: '/usr/sbin/keepalived', package: 'keepalived' },
  { configuration: '/etc/openvpn', program: '/usr/sbin/openvpn', package: 'openvpn' },
  { configuration: '/etc/conntrackd', program: '/usr/sbin/conntrackd', package: 'conntrackd' },
  { configuration: '/etc/nftables.conf', program: '/usr/sbin/nft', package: 'nftables' },
  { configuration: '/etc/etcd', program: '/usr/bin/etcd', package: 'etcd-server' },
  { configuration: '/etc/etcd', program: '/usr/bin/etcdctl', package: 'etcd-client' },
  { configuration: '/etc/dnsmasq.d', program: '/usr/sbin/dnsmasq', package: 'dnsmasq-base' },
  { configuration: '/etc/web', program: '/usr/sbin/nginx', package: 'nginx-light' },
  { configuration: '/etc/webhook', program: '/usr/bin/webhook', package: 'webhook' },
  {
    configuration: '/etc/blackbox',
    program: '/usr/bin/prometheus-blackbox-exporter',
    package: 'prometheus-blackbox-exporter',
  },
  {
    configuration: '/etc/alertmanager',
    program: '/usr/bin/prometheus-alertmanager',
    package: 'prometheus-alertmanager',
  },
  { configuration: '/etc/prometheus', program: '/usr/bin/prometheus', package: 'prometheus' },
];

/** Where the machine keeps what the gateway's daemons read: another network's keys and routes. */
const DAEMON_FOLDERS = [
  ...new Set(GATEWAY_DAEMONS.map(({ configuration }) => configuration)),
  '/etc/NetworkManager',
].filter((path) => !path.endsWith('.conf'));

const entrypoint = (image: string): Bind => ({
  source: packageFile(`labs/images/${image}/entrypoint.sh`),
  target: '/usr/local/bin/entrypoint',
  readOnly: true,
});

const images: HostImage[] = [
  {
    names: /^(?:.*\/)?faildrill\/gateway$/,
    description: 'a gateway: starts each daemon that the node has a configuration for',
    entrypoint: ['/usr/local/bin/entrypoint'],
    command: [],
    emptied: [...DAEMON_FOLDERS, '/etc/nftables.conf'],
    binds: [entrypoint('gateway')],
    daemons: GATEWAY_DAEMONS,
    needs: [],
  },
  {
    names: /^(?:.*\/)?faildrill\/host$/,
    description: 'a host: the usual network tools, nothing running',
    entrypoint: [],
    command: IDLE,
    emptied: DAEMON_FOLDERS,
    binds: [],
    daemons: [],
    needs: [],
  },
  {
    names: /^(?:.*\/)?frrouting\/frr$/,
    description: 'FRR, as its container image starts it',
    entrypoint: ['/usr/local/bin/entrypoint'],
    command: [],
    emptied: DAEMON_FOLDERS,
    binds: [entrypoint('frr')],
    daemons: [],
    needs: [FRR],
  },
  {
    names: /^(?:.*\/)?network-multitool$/,
    description: 'a host with network tools',
    entrypoint: [],
    command: IDLE,
    emptied: DAEMON_FOLDERS,
    binds: [],
    daemons: [],
    needs: [],
  },
];

/** The image's name without registry tag and digest. */
const untagged = (image: string) => image.replace(/@sha256:.*$/, '').replace(/:[^/:]*$/, '');

/** What stands for an image here, or nothing. */
export const hostImage = (image: string): HostImage | undefined =>
  images.find(({ names }) => names.test(untagged(image)));

/** What of an image's needs the machine lacks, for a node with these binds. */
export function lacking(image: HostImage, binds: readonly Bind[]): Omit<Daemon, 'configuration'>[] {
  const wanted = image.daemons.filter(({ configuration }) =>
    binds.some(({ target }) => target === configuration || target.startsWith(`${configuration}/`)),
  );
  return [...image.needs, ...wanted].filter(({ program }) => !existsSync(program));
}

/** The images there are, for messages and listings. */
export const imageNames = [
  'faildrill/gateway',
  'faildrill/host',
  'frrouting/frr',
  'network-multitool',
] as const;
