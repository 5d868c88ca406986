import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { split } from 'shlex';
import { packageFile } from '../../paths.js';
import {
  endName,
  STAGES,
  type Topology,
  type TopologyLink,
  type TopologyNode,
} from '../../topology/topology.js';
import { CannotRun, NeedsContainers } from '../errors.js';
import { type HostImage, hostImage, imageNames, lacking } from './images.js';
import { checkOrder } from './order.js';
import type { EndPlan, LabPlan, LinkPlan, NodePlan, StagePlan } from './plan.js';
import { MOST_NAME } from './protocol.js';

const OTHER_RUNTIME = 'it needs containers: --runtime containerlab';

/** Folders and files that may hold people's and the machine's secrets, and big stores that no gateway needs. */
const SECRETS = [
  '/root',
  '/home',
  '/mnt',
  '/media',
  '/srv',
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/ssh',
  '/etc/ssl/private',
  '/etc/ipsec.secrets',
  '/etc/ppp',
  '/etc/kubernetes',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/backups',
  '/var/mail',
];

/** Folders that hold the system itself. */
const SYSTEM = [
  '/',
  '/usr',
  '/etc',
  '/var',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/opt',
  '/tmp',
  '/run',
  '/proc',
  '/sys',
  '/dev',
];

/** Settings that belong to a node's own namespaces; all others are the machine's (the rule is Docker's). */
const OWN_SYSCTL =
  /^(net\..+|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/;

/**
 * Decides how a topology is built from namespaces.
 * @throws CannotRun where a kind, an image, a link type or a setting needs containers, or a daemon is not on the machine
 */
export function planLab(topology: Topology): LabPlan {
  try {
    checkOrder(topology);
    if (Buffer.byteLength(topology.name) > MOST_NAME)
      throw new CannotRun(`a lab's name has room for ${MOST_NAME} characters in the namespace runtime`);
    return {
      name: topology.name,
      topology: { ...topology, nodes: [...topology.nodes.values()] },
      hidden: hiddenPaths(topology.file),
      nodes: [...topology.nodes.values()].map((node) => planNode(node, topology)),
      links: topology.links.map(planLink),
    };
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    const { message, hint = '' } = error;
    const Kind = error instanceof NeedsContainers ? NeedsContainers : CannotRun;
    throw new Kind(`${topology.file}: ${message}`, { hint, cause: error });
  }
}

/** What no node sees: secrets, homes, this package, the project that the lab belongs to. */
function hiddenPaths(file: string): string[] {
  const projects = [packageFile('.'), process.cwd(), repositoryOf(dirname(file))].map((path) =>
    realpathSync(path),
  );
  const paths = [...SECRETS, homedir(), ...projects].map((path) => path.replace(/(?<=.)\/$/, ''));
  return [...new Set(paths)].filter((path) => !SYSTEM.includes(path) && existsSync(path));
}

function repositoryOf(folder: string): string {
  for (let at = folder; at !== '/'; at = dirname(at)) if (existsSync(join(at, '.git'))) return at;
  return folder;
}

function planNode(node: TopologyNode, { links }: Topology): NodePlan {
  const refuse = (what: string) => {
    throw new NeedsContainers(`node "${node.name}": ${what} is not in the namespace runtime`, {
      hint: OTHER_RUNTIME,
    });
  };
  if (node.kind !== 'linux' && node.kind !== 'bridge') refuse(`kind "${node.kind}"`);
  if (node.containerOnly.length > 0) refuse(`"${node.containerOnly[0]}"`);
  const foreign = Object.keys(node.sysctls).find((name) => !OWN_SYSCTL.test(name));
  if (foreign) refuse(`the sysctl ${foreign}, which is the whole machine's,`);
  if (node.networkMode && node.networkMode !== 'none') refuse(`network-mode "${node.networkMode}"`);
  const image = node.kind === 'bridge' ? hostImage('faildrill/host')! : imageOf(node);
  const binds = [...image.binds, ...node.binds];
  const missing = lacking(image, binds)[0];
  if (missing) {
    throw new CannotRun(`node "${node.name}" needs ${missing.program}, which is not on this machine`, {
      hint: `install the package ${missing.package}, or run: faildrill doctor --install`,
    });
  }
  const ends = links.flatMap((link) => link.ends).filter((end) => end.node === node.name);
  const entrypoint = node.entrypoint === undefined ? image.entrypoint : split(node.entrypoint);
  const preset = node.entrypoint === undefined ? image.command : [];
  const command = node.cmd === undefined ? preset : split(node.cmd);
  const interfaces = ends.length;
  return {
    name: node.name,
    hostname: node.hostname,
    image: node.image ?? node.kind,
    bridge: node.kind === 'bridge',
    argv: [...entrypoint, ...command],
    env: { CLAB_INTFS: String(interfaces), ...labelVariables(node.labels), ...node.env },
    ...(node.user !== undefined && { user: node.user }),
    emptied: image.emptied,
    binds: binds.map((bind) => ({ ...bind, source: realpathSync(bind.source) })),
    sysctls: node.sysctls,
    ...resolver(node),
    exec: node.exec.map((command) => split(command)),
    startupDelay: node.startupDelay,
    stages: Object.fromEntries(STAGES.map((name) => [name, planStage(node, name)])) as NodePlan['stages'],
    ...(node.healthCheck && {
      healthCheck: { ...node.healthCheck, argv: healthCommand(node.healthCheck.test) },
    }),
  };
}

function imageOf(node: TopologyNode): HostImage {
  if (!node.image) {
    throw new CannotRun(`node "${node.name}" has no image`, { hint: `name one of ${imageNames.join(', ')}` });
  }
  const image = hostImage(node.image);
  if (image) return image;
  throw new NeedsContainers(`node "${node.name}": the image ${node.image} cannot be had without containers`, {
    hint: `here there are ${imageNames.join(', ')}`,
  });
}

/** containerlab gives a container its labels as variables too. */
const labelVariables = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      `CLAB_LABEL_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`,
      value,
    ]),
  );

function resolver({ dns }: TopologyNode): { resolver?: string } {
  const lines = [
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.search.length > 0 ? [`search ${dns.search.join(' ')}`] : []),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(' ')}`] : []),
  ];
  return lines.length > 0 ? { resolver: `${lines.join('\n')}\n` } : {};
}

function planStage(node: TopologyNode, name: (typeof STAGES)[number]): StagePlan {
  const { waitFor, exec } = node.stages[name];
  if (exec.some(({ target }) => target === 'host')) {
    throw new CannotRun(`node "${node.name}": stage "${name}" runs a command on the machine itself`, {
      hint: 'the namespace runtime changes nothing on the machine; run it in a node',
    });
  }
  const commands = (wanted: 'on-enter' | 'on-exit') =>
    exec.filter(({ phase }) => phase === wanted).map(({ command }) => split(command));
  return { waitFor, enter: commands('on-enter'), exit: commands('on-exit') };
}

/** A health check's command as Docker reads it: CMD with arguments, or CMD-SHELL with a line. */
function healthCommand([form = '', ...rest]: string[]): string[] {
  if (form === 'CMD') return rest;
  if (form === 'CMD-SHELL') return ['/bin/sh', '-c', rest.join(' ')];
  return [form, ...rest];
}

function planLink(link: TopologyLink): LinkPlan {
  if (link.type !== 'veth' && link.type !== 'host') {
    throw new NeedsContainers(`link ${link.name}: type "${link.type}" is not in the namespace runtime`, {
      hint: OTHER_RUNTIME,
    });
  }
  const ends = link.ends.map(
    (end): EndPlan => ({
      ...(end.node !== 'host' && { node: end.node }),
      interface: end.interface,
      mac: end.mac ?? hostMac(endName(end)),
      ...(end.ipv4 !== undefined && { ipv4: end.ipv4 }),
      ...(end.ipv6 !== undefined && { ipv6: end.ipv6 }),
    }),
  ) as [EndPlan, EndPlan];
  return { name: link.name, mtu: link.mtu, ends };
}

/** A locally administered MAC for an end on the machine itself. */
const hostMac = (name: string): string =>
  ['02', ...Buffer.from(name.padStart(5, '-').slice(-5))]
    .map((byte) => (typeof byte === 'string' ? byte : byte.toString(16).padStart(2, '0')))
    .join(':');
