import type Docker from 'dockerode';
import { CannotRun } from '../errors.js';

/**
 * Connects to the Docker daemon that DOCKER_HOST names, else to the usual socket. Podman answers on a socket of its own in the same words.
 * @throws CannotRun where nobody answers
 */
export async function openDocker(): Promise<Docker> {
  // It brings a lot along that no other runtime needs.
  const { default: Client } = await import('dockerode');
  const docker = new Client();
  try {
    await docker.ping();
    return docker;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = process.env.DOCKER_HOST ?? '/var/run/docker.sock';
    const why = code === 'EACCES' ? 'this user may not speak to it' : (code ?? (error as Error).message);
    const hint =
      code === 'EACCES'
        ? 'run it as root, or as a member of the group docker'
        : 'start the daemon, or name its socket: DOCKER_HOST=unix:///path/to/socket';
    throw new CannotRun(`Docker does not answer at ${where}: ${why}`, { hint, cause: error });
  }
}
