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
  /** What then runs for good, where it is not a tool: by what the node's files say. */
  runs?: (read: (path: string) => string | undefined) => RunningDaemon[];
}

/** A daemon of a node. */
export interface RunningDaemon {
  /** Process name, as the kernel has it. */
  name: string;
  /** Whether something in the node starts it again when it ends. */
  isRestarted: boolean;
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

/** What /etc/frr/daemons can switch on; zebra and staticd run in any case. watchfrr, which starts them again, is none of them. */
const FRR_DAEMONS = [
  ...[
    'zebra',
    'mgmtd',
    'bgpd',
    'ripd',
    'ripngd',
    'ospfd',
    'ospf6d',
    'isisd',
    'babeld',
    'pimd',
    'pim6d',
    'ldpd',
  ],
  ...['nhrpd', 'eigrpd', 'sharpd', 'pbrd', 'staticd', 'bfdd', 'fabricd', 'vrrpd', 'pathd'],
];

const FRR: Daemon = {
  configuration: '/etc/frr',
  program: '/usr/lib/frr/watchfrr',
  package: 'frr',
  runs(read) {
    const said = read('/etc/frr/daemons');
    if (said === undefined) return [];
    const on = [...said.matchAll(/^\s*(\w+)=["']?([^"'\s#]+)/gm)]
      .filter(([, , value]) => value !== 'no' && value !== '0')
      .map(([, name]) => name);
    return FRR_DAEMONS.filter((name) => ['zebra', 'staticd', ...on].includes(name)).map((name) => ({
      name,
      isRestarted: true,
    }));
  },
};

/** One process of this name, that nothing in the image starts again. */
const one = (name: string) => () => [{ name, isRestarted: false }];

const GATEWAY_DAEMONS: Daemon[] = [
  FRR,
  { configuration: '/etc/wireguard', program: '/usr/bin/wg', package: 'wireguard-tools' },
  { configuration: '/etc/swanctl', program: '/usr/sbin/swanctl', package: 'strongswan-swanctl' },
  {
    configuration: '/etc/swanctl',
    program: '/usr/sbin/charon-systemd',
    package: 'charon-systemd',
    runs: one('charon-systemd'),
  },
  {
    configuration: '/etc/keepalived',
    program: '/usr/sbin/keepalived',
    package: 'keepalived',
    runs: one('keepalived'),
  },
  { configuration: '/etc/openvpn', program: '/usr/sbin/openvpn', package: 'openvpn', runs: one('openvpn') },
  { configuration: '/etc/ocserv', program: '/usr/sbin/ocserv', package: 'ocserv', runs: one('ocserv-main') },
  {
    configuration: '/etc/conntrackd',
    program: '/usr/sbin/conntrackd',
    package: 'conntrackd',
    runs: one('conntrackd'),
  },
  { configuration: '/etc/nftables.conf', program: '/usr/sbin/nft', package: 'nftables' },
  { configuration: '/etc/etcd', program: '/usr/bin/etcd', package: 'etcd-server', runs: one('etcd') },
  { configuration: '/etc/etcd', program: '/usr/bin/etcdctl', package: 'etcd-client' },
  {
    configuration: '/etc/dnsmasq.d',
    program: '/usr/sbin/dnsmasq',
    package: 'dnsmasq-base',
    runs: one('dnsmasq'),
  },
  { configuration: '/etc/unbound', program: '/usr/sbin/unbound', package: 'unbound', runs: one('unbound') },
  { configuration: '/etc/gdnsd', program: '/usr/sbin/gdnsd', package: 'gdnsd', runs: one('gdnsd') },
  { configuration: '/etc/web', program: '/usr/sbin/nginx', package: 'nginx-light', runs: one('nginx') },
  { configuration: '/etc/webhook', program: '/usr/bin/webhook', package: 'webhook', runs: one('webhook') },
  {
    configuration: '/etc/blackbox',
    program: '/usr/bin/prometheus-blackbox-exporter',
    package: 'prometheus-blackbox-exporter',
    // The kernel keeps 15 characters.
    runs: one('prometheus-blac'),
  },
  {
    configuration: '/etc/alertmanager',
    program: '/usr/bin/prometheus-alertmanager',
    package: 'prometheus-alertmanager',
    runs: one('prometheus-aler'),
  },
  {
    configuration: '/etc/prometheus',
    program: '/usr/bin/prometheus',
    package: 'prometheus',
    runs: one('prometheus'),
  },
];

/** Where the machine keeps what the gateway's daemons read: another network's keys and routes. */
const DAEMON_FOLDERS = [
  ...new Set(GATEWAY_DAEMONS.map(({ configuration }) => configuration)),
  '/etc/NetworkManager',
].filter((path) => !path.endsWith('.conf'));

const entrypoint = (image: string): Bind => ({
  from: 'root',
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

/** What an image needs and starts in a node with these binds. */
export const wanted = (image: HostImage, binds: readonly Bind[]): Omit<Daemon, 'configuration'>[] => [
  ...image.needs,
  ...image.daemons.filter(({ configuration }) =>
    binds.some(({ target }) => target === configuration || target.startsWith(`${configuration}/`)),
  ),
];

/** What of an image's needs the machine lacks, for a node with these binds. */
export const lacking = (image: HostImage, binds: readonly Bind[]): Omit<Daemon, 'configuration'>[] =>
  wanted(image, binds).filter(({ program }) => !existsSync(program));

/** The images there are, for messages and listings. */
export const imageNames = [
  'faildrill/gateway',
  'faildrill/host',
  'frrouting/frr',
  'network-multitool',
] as const;
