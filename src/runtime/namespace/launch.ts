import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { lackingPrivileges } from '../../linux/privileges.js';
import { getPeerProcess } from '../../linux/sockets.js';
import { compiled } from '../../paths.js';
import { CannotRun } from '../errors.js';
import { socketName } from './protocol.js';

const EEXIST = 17;
const DOCTOR = 'faildrill doctor says what this machine lacks';

/** Empty folders that every Debian has: one of them, in the supervisor's own mount namespace, becomes the lab's memory disk. */
const MOUNT_POINTS = ['/media', '/mnt', '/srv'];

/** How long a supervisor may take until it listens, milliseconds. */
const START_MS = 10_000;

/**
 * Starts a lab's supervisor and waits until it listens.
 * @param life `attached` ends it with this process, however this process ends
 * @throws CannotRun where this machine does not let it, or a lab of that name is up
 */
export async function launchSupervisor(lab: string, life: 'attached' | 'detached'): Promise<void> {
  checkLaunch(lab);
  const state = MOUNT_POINTS.find((path) => existsSync(path));
  if (!state) throw new CannotRun(`none of ${MOUNT_POINTS.join(', ')} exists on this machine`);
  const supervise = [
    process.execPath,
    '--max-old-space-size=512',
    compiled('runtime/namespace/supervisor'),
    lab,
    life,
    state,
  ];
  const isolate = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child=KILL',
    '--propagation',
    'private',
    '--',
  ];
  const tie = life === 'attached' ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
  const [command = '', ...argv] = [...tie, ...isolate, ...supervise];
  const child = spawn(command, argv, {
    cwd: '/',
    stdio: [life === 'attached' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: life === 'detached',
  });
  try {
    await listening(child, lab);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  // From here on the lab must not keep this process from ending.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket | null)?.unref();
}

/** Throws what keeps a lab of this name from being launched, as far as that can be told beforehand. */
export function checkLaunch(lab: string): void {
  const lacking = lackingPrivileges();
  if (lacking) throw new CannotRun(lacking, { hint: DOCTOR });
  if (runningLabs().includes(lab)) throw isUp(lab);
}

const isUp = (lab: string) =>
  new CannotRun(`a lab named "${lab}" is up already`, {
    hint: `see it with: faildrill lab list; take it down with: faildrill lab down ${lab}`,
  });

async function listening(child: ChildProcess, lab: string): Promise<void> {
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    said = `${said}${text}`.slice(-4000);
  });
  const outcome = await new Promise<'ready' | 'late' | Error | number>((resolve) => {
    child.stdout!.once('data', () => resolve('ready'));
    child.on('error', resolve);
    child.on('close', (code) => resolve(code ?? 1));
    setTimeout(() => resolve('late'), START_MS).unref();
  });
  if (outcome === 'ready') return;
  if (outcome === EEXIST) throw isUp(lab);
  const why =
    outcome === 'late'
      ? `it was not ready within ${START_MS / 1000} s`
      : outcome instanceof Error
        ? outcome.message
        : said.trim() || `exit code ${outcome}`;
  throw new CannotRun(`the lab's supervisor could not start: ${why}`, {
    hint: DOCTOR,
  });
}

/** Connects to a lab's supervisor; also tells its PID, by which its descriptors can be reached. */
export function connectSupervisor(lab: string): Promise<{ socket: Socket; pid: number }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: socketName(lab) });
    socket.once('error', () =>
      reject(new CannotRun(`no lab named "${lab}" is up`, { hint: 'see: faildrill lab list' })),
    );
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve({ socket, pid: getPeerProcess(socket) });
    });
  });
}

/** Names of the labs that are up on this machine, whoever started them. */
export function runningLabs(): string[] {
  const prefix = `@${socketName('').slice(1)}`;
  const names = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((line) => line.split(' ').at(-1) ?? '')
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).replace(/@+$/, ''));
  return [...new Set(names)].sort();
}
