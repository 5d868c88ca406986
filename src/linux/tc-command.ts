import { execa } from 'execa';

/** tc(8) said no: its own words, without the noise. */
export class TcFailed extends Error {
  override readonly name = 'TcFailed';
}

/** Where tc runs. */
export interface TcPlace {
  /** Path of the network namespace. */
  network: string;
  /** Folder with the tables of distributions; without it tc's own. */
  tables?: string;
}

/**
 * Runs tc in a network namespace.
 * @returns what it printed
 * @throws TcFailed
 */
export async function tc({ network, tables }: TcPlace, ...argv: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await execa('nsenter', [`--net=${network}`, 'tc', ...argv], {
    reject: false,
    stdin: 'ignore',
    ...(tables !== undefined && { env: { TC_LIB_DIR: tables } }),
  });
  if (exitCode === 0) return stdout;
  const said = stderr.replace(/^(Error|RTNETLINK answers): /gm, '').trim();
  throw new TcFailed(`tc ${argv.join(' ')}: ${said || `exit code ${exitCode}`}`);
}

/** Whether this kernel has netem; it is asked in a network namespace that is gone again at once. */
export async function hasNetem(): Promise<boolean> {
  const argv = ['--net', 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'];
  const { exitCode } = await execa('unshare', argv, { reject: false, stdin: 'ignore' });
  return exitCode === 0;
}
