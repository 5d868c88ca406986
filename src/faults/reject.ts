import type { Bracket } from '../linux/clock.js';
import { countersOf, nft } from '../linux/nft-command.js';
import { hasVersion, type Match, numberOf, protocols } from '../netem/match.js';
import {
  around,
  type Effect,
  type Fault,
  type FaultContext,
  FaultFailed,
  linkOf,
  nodeOf,
  untilMet,
} from './fault.js';

/** Before all else that looks at what comes in. Not of the netdev family, which cannot reject on Debian's kernel. */
const FAMILY = 'inet';
const PRIORITY = -500;

/** A firewall at the end of a link, where it is in force. */
interface Placed {
  node: string;
  network: string;
  powerCycles: number;
}

/**
 * A firewall that answers packets instead of letting them pass: TCP with a reset, all else with ICMP "administratively prohibited". It
 * stands where packets leave the link, before the node there does anything with them; the node's kernel limits the rate of its ICMP (sysctl
 * icmp_ratelimit), as that of every router.
 * @param from the node whose packets are rejected; without it those of both
 */
export function rejecting(
  { link: name, from, matches }: { link: string; from?: string | undefined; matches: readonly Match[] },
  context: FaultContext,
): Fault {
  const { clock, id, signal } = context;
  const { link } = linkOf(context, name);
  const table = `faildrill_${Buffer.from(id).toString('hex')}`;
  const places = link.ends.filter(({ node }) => from === undefined || node !== from);
  const placed: Placed[] = [];
  const isThere = (place: Placed) => {
    const node = nodeOf(context, place.node);
    return node.network !== undefined && node.powerCycles === place.powerCycles;
  };
  const met = async () => {
    const counters = await Promise.all(
      placed.filter(isThere).map(({ network }) => countersOf(network, FAMILY, table)),
    );
    return counters.flat().reduce((sum, packets) => sum + packets, 0);
  };
  return {
    async inject() {
      const brackets: Bracket[] = [];
      for (const { node, interface: device } of places) {
        const { network, powerCycles } = nodeOf(context, node);
        if (network === undefined)
          throw new FaultFailed(`${node} has no power: nothing can be rejected there`);
        const before = clock.now();
        await nft(network, ['-f', '-'], rulesOf(table, device, matches));
        brackets.push({ before, after: clock.now() });
        placed.push({ node, network, powerCycles });
      }
      await untilMet(async () => (await met()) > 0, signal);
      return { ...around(brackets), proof: `answered instead of passed on; so far ${await met()} packets` };
    },
    async clear(): Promise<Effect> {
      const before = clock.now();
      const packets = await met();
      const gone = placed.filter((place) => !isThere(place)).map(({ node }) => node);
      for (const place of placed.splice(0))
        if (isThere(place)) await nft(place.network, ['delete', 'table', FAMILY, table]);
      const lost = gone.length > 0 ? `; it went with the power of ${gone.join(' and ')}` : '';
      return { before, after: clock.now(), proof: `it met ${packets} packets${lost}` };
    },
  };
}

/** The firewall at an interface, in the language of nft(8). */
function rulesOf(table: string, device: string, matches: readonly Match[]): string {
  const rules = matches.flatMap((match) =>
    ([4, 6] as const)
      .filter((version) => hasVersion(match, version))
      .flatMap((version) => {
        const conditions = conditionsOf(match, version).join(' ');
        return answersTo(match).map((answer) => `    ${conditions} ${answer}`);
      }),
  );
  return [
    `table ${FAMILY} ${table} {`,
    '  chain in {',
    `    type filter hook prerouting priority ${PRIORITY}; policy accept;`,
    `    iifname != "${device}" accept`,
    // The answers of the firewall at the other end.
    '    tcp flags & rst == rst accept',
    '    icmp type destination-unreachable icmp code 13 accept',
    '    icmpv6 type destination-unreachable icmpv6 code 1 accept',
    ...rules,
    '  }',
    '}',
    '',
  ].join('\n');
}

function answersTo({ protocol }: Match): string[] {
  const reset = 'counter reject with tcp reset';
  const prohibited = 'counter reject with icmpx admin-prohibited';
  if (protocol === undefined) return [`meta l4proto tcp ${reset}`, prohibited];
  return [numberOf(protocol) === protocols.tcp ? reset : prohibited];
}

function conditionsOf(match: Match, version: 4 | 6): string[] {
  const { protocol, source, destination, dscp } = match;
  const ip = version === 4 ? 'ip' : 'ip6';
  const ports = { sport: match['source-port'], dport: match['destination-port'] };
  return [
    `meta protocol ${ip}`,
    source !== undefined && `${ip} saddr ${source}`,
    destination !== undefined && `${ip} daddr ${destination}`,
    dscp !== undefined && `${ip} dscp ${dscp}`,
    protocol !== undefined && `meta l4proto ${numberOf(protocol)}`,
    ...Object.entries(ports).map(([name, port]) => port !== undefined && `th ${name} ${port}`),
  ].filter((condition) => condition !== false);
}
