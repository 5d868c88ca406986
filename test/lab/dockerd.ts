import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';

/** How long dockerd may take to listen, milliseconds. */
const START_MS = 40_000;

/** Stands for runc where this machine has not all capabilities. */
const NARROW = fileURLToPath(new URL('runc-narrow.mjs', import.meta.url));

const CAP_SYS_RESOURCE = 24n;

/** Whether containers may have every capability, which containerlab gives them. */
function mayGrantAll(): boolean {
  const [, set = '0'] = /^CapBnd:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${set}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

export type Engine = keyof typeof COMMANDS;

/** Command lines of what answers at `socket` in a folder. */
const COMMANDS = {
  docker: (folder: string) => [
    ...['dockerd', '--bridge=none', '--iptables=false', '--ip6tables=false'],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '--host', `unix://${join(folder, 'socket')}`],
    ...(mayGrantAll() ? [] : ['--add-runtime', `narrow=${NARROW}`, '--default-runtime', 'narrow']),
  ],
  podman: (folder: string) => [
    ...['podman', '--root', join(folder, 'data'), '--runroot', join(folder, 'exec')],
    ...['--cgroup-manager', 'cgroupfs', ...(mayGrantAll() ? [] : ['--runtime', NARROW])],
    ...['system', 'service', '--time=0', `unix://${join(folder, 'socket')}`],
  ],
};

/** A Docker daemon of the test's own: its folders, socket and network namespace are nobody else's. */
export class Dockerd implements AsyncDisposable {
  readonly docker: Docker;
  /** As DOCKER_HOST has it. */
  readonly host: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#process = child;
    this.host = `unix://${join(folder, 'socket')}`;
    this.docker = new Docker({ socketPath: join(folder, 'socket') });
  }

  static async start(engine: Engine = 'docker'): Promise<Dockerd> {
    const folder = mkdtempSync(join(tmpdir(), 'faildrill-dockerd-'));
    const child = spawn('unshare', ['--net', '--mount', '--', ...COMMANDS[engine](folder)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr!.on('data', (text) => {
      said = `${said}${text}`.slice(-4000);
    });
    const dockerd = new Dockerd(folder, child);
    for (const deadline = Date.now() + START_MS; ; await sleep(100)) {
      const isUp = existsSync(join(folder, 'socket')) && (await dockerd.docker.ping().catch(() => undefined));
      if (isUp) return dockerd;
      if (Date.now() < deadline && child.exitCode === null) continue;
      await dockerd[Symbol.asyncDispose]();
      throw new Error(`${engine} does not listen: ${said}`);
    }
  }

  /** Imports an image that has nothing but the names of folders: its containers have the machine's /usr. */
  async importImage(tag: string): Promise<void> {
    const root = join(this.#folder, 'root');
    for (const path of ['usr', 'etc', 'proc', 'sys', 'dev', 'run', 'var', 'root'])
      mkdirSync(join(root, path), { recursive: true });
    mkdirSync(join(root, 'tmp'), { mode: 0o1777 });
    for (const path of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${path}`, join(root, path));
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
    execFileSync('tar', ['-C', root, '-cf', join(this.#folder, 'root.tar'), '.']);
    const answer = await this.docker.importImage(join(this.#folder, 'root.tar'), {
      repo: tag,
      tag: 'latest',
    });
    for await (const _ of answer);
  }

  /**
   * Starts a container as containerlab labels them.
   * @param options.command line for a shell; without one it sleeps, and has no shell, as have the smallest of vendors' images
   * @returns the PID of its first process
   */
  async startNode(options: { lab: string; node: string; image: string; command?: string }): Promise<number> {
    const { lab, node, image, command } = options;
    const bare = ['/usr/bin/sleep:/sleep:ro', '/usr/lib:/usr/lib:ro', '/usr/lib64:/usr/lib64:ro'];
    const container = await this.docker.createContainer({
      name: `clab-${lab}-${node}`,
      Image: image,
      Hostname: node,
      Cmd:
        command === undefined
          ? ['/sleep', 'infinity']
          : ['/usr/bin/tini', '-g', '--', '/bin/sh', '-c', command],
      Env: ['WHO=me'],
      Tty: true,
      Labels: { containerlab: lab, 'clab-node-name': node, 'clab-node-kind': 'linux' },
      HostConfig: {
        NetworkMode: 'none',
        CapAdd: ['NET_ADMIN', 'NET_RAW'],
        Binds: command === undefined ? bare : ['/usr:/usr:ro'],
      },
    });
    await container.start();
    return (await container.inspect()).State.Pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const containers = await this.docker.listContainers({ all: true }).catch(() => []);
    await Promise.all(containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true })));
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
