import { execa } from 'execa';

/** nft(8) said no: its own words. */
export class NftFailed extends Error {
  override readonly name = 'NftFailed';
}

/**
 * Runs nft in a network namespace.
 * @param network path of the namespace
 * @param rules what it reads, where it is told to read: `-f -`
 * @returns what it printed
 * @throws NftFailed
 */
export async function nft(network: string, argv: readonly string[], rules = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await execa('nsenter', [`--net=${network}`, 'nft', ...argv], {
    reject: false,
    input: rules,
  });
  if (exitCode === 0) return stdout;
  throw new NftFailed(`nft ${argv.join(' ')}: ${stderr.trim() || `exit code ${exitCode}`}`);
}

/** Packets that the counters of a table have counted, one by one. */
export async function countersOf(network: string, family: string, table: string): Promise<number[]> {
  const said = JSON.parse(await nft(network, ['-j', 'list', 'table', family, table])) as {
    nftables: { rule?: { expr: { counter?: { packets: number } }[] } }[];
  };
  return said.nftables.flatMap(({ rule }) =>
    (rule?.expr ?? []).flatMap(({ counter }) => counter?.packets ?? []),
  );
}
