import { execa } from 'execa';

/** tc(8) said no: its own words, without the noise. */
export class TcFailed extends Error {
  override readonly name = 'TcFailed';
}

/**
 * Runs tc in a network namespace.
 * @param network path of the namespace
 * @returns what it printed
 * @throws TcFailed
 */
export async function tc(network: string, ...argv: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await execa('nsenter', [`--net=${network}`, 'tc', ...argv], {
    reject: false,
    stdin: 'ignore',
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
