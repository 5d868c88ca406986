import { once } from 'node:events';
import { constants } from 'node:os';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import type { Clock } from '../../linux/clock.js';
import type { Command, CommandOutcome } from '../runtime.js';
import { kill } from '../signals.js';

/** What is kept of a command's output, characters. */
const MOST_OUTPUT = 16 << 20;

/** How often Docker is asked whether a command has ended while its pipes stay open, and how long to read on then, milliseconds. */
const LOOK_MS = 50;
const LINGER_MS = 100;

/** The same of one whose pipes are closed: most often it is at its end. */
const CLOSED_LOOK_MS = 10;

/** What Docker prints on a command's output, and Podman on its errors, where the OCI runtime cannot start it. */
const NOT_STARTED = /^(?:OCI runtime exec failed|Error): .*?: (exec: .*?)(?:": OCI runtime .*)?$/s;

/** Runs a command in a container to its end or its timeout. */
export async function runInContainer(
  container: Container,
  command: Command,
  clock: Clock,
): Promise<CommandOutcome> {
  const { argv, env = {}, input = '', user, timeout } = command;
  const exec = await container.exec({
    Cmd: [...argv],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(user !== undefined && { User: user }),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const before = clock.now();
  const stream = await exec.start({ hijack: true, stdin: true });
  const output = { stdout: '', stderr: '' };
  const pipes = { stdout: new PassThrough(), stderr: new PassThrough() };
  for (const name of ['stdout', 'stderr'] as const) {
    pipes[name].setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < MOST_OUTPUT) output[name] += text;
    });
  }
  container.modem.demuxStream(stream, pipes.stdout, pipes.stderr);
  stream.on('error', () => {});
  stream.end(input);
  let isClosed = false;
  const closed = once(stream, 'close')
    .catch(() => {})
    .finally(() => {
      isClosed = true;
    });
  let timedOut = false;
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
        }, timeout / 1e6);
  try {
    for (;;) {
      // A command may close its pipes long before it ends.
      await (isClosed ? sleep(CLOSED_LOOK_MS) : Promise.race([closed, sleep(LOOK_MS)]));
      const { Running, ExitCode, Pid } = await exec.inspect();
      if (Running) {
        // Its first process leads a group and a session of its own.
        if (timedOut && Pid > 0) kill(-Pid, 'SIGKILL');
        continue;
      }
      const after = clock.now();
      // A daemon that the command left behind may keep the pipes open; then its exit is the end.
      await Promise.race([closed, sleep(LINGER_MS)]);
      const [, why] = NOT_STARTED.exec((output.stdout || output.stderr).trim()) ?? [];
      if (why && (ExitCode === 126 || ExitCode === 127)) throw new Error(`cannot run ${argv[0]}: ${why}`);
      return { ...endOf(ExitCode ?? 0), timedOut, ...output, before, after };
    }
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

/** Docker says 128 and the signal's number of a process that a signal ended, as shells do. */
function endOf(exitCode: number): Pick<CommandOutcome, 'code' | 'signal'> {
  const [signal] = Object.entries(constants.signals).find(([, number]) => exitCode === 128 + number) ?? [];
  return signal === undefined ? { code: exitCode, signal: null } : { code: null, signal };
}
