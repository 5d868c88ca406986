import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { Clock } from '../../linux/clock.js';
import { lackingPrivileges } from '../../linux/privileges.js';
import { hasTun } from '../../linux/tap.js';
import { packageFile } from '../../paths.js';
import { loadTopology } from '../../topology/load.js';
import { launchSupervisor } from './launch.js';
import { NamespaceLab } from './namespace-lab.js';
import { isInstalled, type Package, type Purpose, packages } from './packages.js';
import { planLab } from './plan-lab.js';

/** Something that this machine can or cannot do. */
export interface Finding {
  what: string;
  state: 'ok' | 'missing' | 'limited';
  detail: string;
}

/** Node version that is needed, major and minor. */
const NODE = [20, 12] as const;

/** Looks at what this machine can do. Needs no package to be installed; tries a small lab where it can. */
export async function examine(
  purposes: readonly Purpose[],
): Promise<{ findings: Finding[]; missing: Package[] }> {
  const missing = packages.filter((entry) => purposes.includes(entry.purpose) && !isInstalled(entry));
  const findings = [
    node(),
    kernel(),
    root(),
    tun(),
    ...packages.filter(({ purpose }) => purposes.includes(purpose)).map(packageFinding),
  ];
  if (findings.every(({ state }) => state !== 'missing')) findings.push(...(await tryLab()));
  return { findings, missing };
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  return {
    what: 'Node',
    state: isEnough ? 'ok' : 'missing',
    detail: `${process.version}, at least ${NODE.join('.')} is needed`,
  };
}

function kernel(): Finding {
  const isLinux = process.platform === 'linux';
  const overlay = isLinux && /\boverlay\b/.test(readFileSync('/proc/filesystems', 'utf8'));
  const detail = `${release()}${overlay || !isLinux ? '' : '; overlay is not loaded yet (modprobe overlay)'}`;
  return { what: 'Linux', state: isLinux ? 'ok' : 'missing', detail };
}

function root(): Finding {
  const lacking = lackingPrivileges();
  return { what: 'privileges', state: lacking ? 'missing' : 'ok', detail: lacking ?? 'root' };
}

function tun(): Finding {
  const there = hasTun();
  return {
    what: 'TUN devices',
    state: there ? 'ok' : 'missing',
    detail: there ? '/dev/net/tun' : 'there is no /dev/net/tun; tunnels in user space need it',
  };
}

const packageFinding = (entry: Package): Finding => ({
  what: entry.name,
  state: isInstalled(entry) ? 'ok' : 'missing',
  detail: `${entry.what}${isInstalled(entry) ? '' : `; apt-get install ${entry.name}, or faildrill doctor --install`}`,
});

/** Brings a lab of two nodes up, cuts its link, and asks the kernel what else it has. */
async function tryLab(): Promise<Finding[]> {
  const topology = {
    ...loadTopology(packageFile('labs/doctor/doctor.clab.yml')),
    name: `doctor-${process.pid}`,
  };
  try {
    const plan = planLab(topology);
    await launchSupervisor(plan.name, 'attached');
    await using lab = await NamespaceLab.deploy({ topology, plan, clock: new Clock() });
    const [a] = [...lab.nodes.values()];
    const [link] = [...lab.links.values()];
    await link!.cut('doctor', 'silent');
    await link!.cut('doctor', 'carrier');
    const { carrier } = await link!.state();
    await link!.restore('doctor');
    const can = async (...argv: string[]) => (await a!.run({ argv })).code === 0;
    const [wireguard, fifo] = await Promise.all([
      can('ip', 'link', 'add', 'wg-try', 'type', 'wireguard'),
      can('chrt', '-f', '1', 'true'),
    ]);
    return [
      {
        what: 'namespaces, overlay, veth, tc',
        state: carrier.includes(true) ? 'missing' : 'ok',
        detail: 'a lab of two nodes came up and its link could be cut',
      },
      {
        what: 'WireGuard in the kernel',
        state: wireguard ? 'ok' : 'limited',
        detail: wireguard ? 'yes' : 'no; wireguard-go does it in user space, more slowly',
      },
      {
        what: 'real-time scheduling',
        state: fifo ? 'ok' : 'limited',
        detail: fifo
          ? 'SCHED_FIFO for probes and fast timers'
          : 'SCHED_FIFO is not permitted; fast timers may be late on a busy machine',
      },
      inotify(),
    ];
  } catch (error) {
    return [{ what: 'namespaces, overlay, veth, tc', state: 'missing', detail: (error as Error).message }];
  }
}

/** Each wireguard-go takes an inotify instance of this user. */
function inotify(): Finding {
  const most = Number(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8'));
  const what = 'inotify instances';
  if (most >= 512) return { what, state: 'ok', detail: String(most) };
  return {
    what,
    state: 'limited',
    detail: `${most}; for labs with more than about ${Math.floor(most / 2)} tunnels: sysctl fs.inotify.max_user_instances=1024`,
  };
}
