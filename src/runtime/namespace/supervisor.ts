import { createServer, type Socket } from 'node:net';
import { listMounts, mount, unmount } from '../../linux/mounts.js';
import { dieWithParent } from '../../linux/scheduling.js';
import { getPeerUser } from '../../linux/sockets.js';
import type { CutMode, Direction, ProcessMatch } from '../runtime.js';
import { runCommand } from './command.js';
import { Keeper } from './keeper.js';
import { asFound } from './kept-node.js';
import type { LabPlan } from './plan.js';
import type { ExecRequest } from './protocol.js';
import { socketName } from './protocol.js';
import { type Caller, type Handlers, serve } from './rpc.js';

/**
 * A lab's supervisor: the first process of a PID namespace that holds the whole lab, with a mount namespace of its own.
 * Usage: supervisor.js LAB attached|detached STATE. An attached one ends with its parent, at the latest when its standard input ends.
 * It prints "ready" when it listens; another supervisor with the lab's name makes it exit with 17 (EEXIST).
 */
const [lab = '', life = 'attached', state = '/media'] = process.argv.slice(2);
const EEXIST = 17;

/** How long it waits for something to build, milliseconds. */
const PATIENCE_MS = 10_000;

// Anywhere else the mount below would be the machine's.
if (process.pid !== 1) throw new Error('the supervisor runs only as the first process of a PID namespace');
mount('tmpfs', state, { options: 'mode=755' });
// A container has /proc/sys mounted read-only. The nodes' settings are those of their own network namespaces.
for (const { path } of listMounts()) if (path === '/proc/sys') unmount(path);
const keeper = new Keeper(state);
const callers = new Set<Caller>();
keeper.onNodeExit = (node, code) => {
  for (const caller of callers) caller.notify('node-exited', { node, code });
};

type Named = { node: string };
const handlers: Handlers = {
  deploy: ({ plan }: { plan: LabPlan }) => keeper.deploy(plan),
  describe: () => keeper.describe(),
  exec: (request: ExecRequest, { signal }) => runCommand(keeper.node(request.node), request, signal),
  processes: ({ node, match }: Named & { match?: ProcessMatch }) => keeper.find(node, match).map(asFound),
  signal: ({ node, match, signal }: Named & { match: ProcessMatch; signal: NodeJS.Signals }) =>
    keeper.signal(node, match, signal),
  cut: ({ link, id, ...cut }: { link: string; id: string; mode: CutMode; direction: Direction }) =>
    keeper.panel.cut(link, id, cut),
  restore: ({ link, id }: { link: string; id: string }) => keeper.panel.restore(link, id),
  proof: ({ link }: { link: string }) => keeper.proof(link),
  stop: ({ node }: Named) => keeper.powerOff(node),
  start: ({ node }: Named) => keeper.powerOn(node),
  freeze: ({ node }: Named) => keeper.freeze(node),
  thaw: ({ node }: Named) => keeper.thaw(node),
  down: () => void setImmediate(() => process.exit(0)),
};

function accept(socket: Socket) {
  // The abstract name space has no file modes: only the user that the lab belongs to may speak to it.
  if (getPeerUser(socket) !== process.getuid!()) {
    socket.destroy();
    return;
  }
  const caller = serve(socket, handlers);
  callers.add(caller);
  caller.signal.addEventListener('abort', () => callers.delete(caller));
}

if (life === 'attached') {
  dieWithParent();
  process.stdin
    .on('end', () => process.exit(0))
    .on('error', () => process.exit(0))
    .resume();
}
// A reader of the output may be gone; that must not end a detached lab.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// Ctrl-C reaches the whole foreground group; the CLI decides when the lab ends.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {});

createServer(accept)
  .on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EADDRINUSE' ? EEXIST : 1);
  })
  .listen({ path: socketName(lab) }, () => process.stdout.write('ready\n'));

// Whoever started it may have died before it said what to build.
setTimeout(() => keeper.isEmpty && process.exit(1), PATIENCE_MS).unref();
