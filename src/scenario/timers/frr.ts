import { formatDuration } from '../units.js';
import type { Configuration, Timer } from './timer.js';

/** A line of FRR's configuration under the lines that open its block, as `interface wg1`. */
interface Line {
  block: string;
  words: string[];
}

/** Defaults of FRR's traditional profile: bfdd, ospfd (RFC 2328 C.3) and bgpd (`timers bgp`). */
const BFD = { interval: 300e6, multiplier: 3 };
const OSPF = { hello: 10e9, dead: 40e9 };
const BGP_HOLD = 180e9;

const isFrr = ({ target }: Configuration) => /\/frr\.conf$/.test(target);

function linesOf({ text }: Configuration): Line[] {
  let block = '';
  return text.split('\n').flatMap((line) => {
    const words = line.replace(/!.*/, '').trim().split(/\s+/);
    if (words[0] === '') return [];
    if (!/^\s/.test(line)) block = words.join(' ');
    return [{ block, words }];
  });
}

/** The number behind some words, or nothing. */
function numberOf(lines: readonly Line[], ...wanted: string[]): number | undefined {
  const found = lines.findLast(({ words }) => wanted.every((word, index) => words[index] === word));
  const number = Number(found?.words[wanted.length]);
  return Number.isFinite(number) ? number : undefined;
}

const blocksOf = (lines: readonly Line[], start: string): string[] => [
  ...new Set(lines.map(({ block }) => block).filter((block) => block.startsWith(start))),
];

/** Numbers behind a word anywhere in a configuration. */
const numbersBehind = (lines: readonly Line[], word: string): number[] =>
  lines.filter(({ words }) => words[0] === word).map(({ words }) => Number(words[1]));

/** The hold times that BGP is set to, nanoseconds. */
const holdsOf = (lines: readonly Line[]): number[] =>
  lines.flatMap(({ block, words }) => {
    const [word, ...rest] = words.slice(words.indexOf('timers'));
    const isSet = block.startsWith('router bgp') && word === 'timers' && rest.length === 2;
    return isSet && /^\d+$/.test(rest[0]!) ? [Number(rest[1]) * 1e9] : [];
  });

/**
 * The timers of a node's FRR: of BFD (RFC 5880 6.8.4: detection multiplier of the other side times the larger of what this one wants to receive and
 * that one to send, so at least what is asked for here), of OSPF (dead interval) and BGP (hold time), each less the time since the last sign of life.
 * @param others the configurations of the other nodes
 */
export function frrTimers(own: Configuration, others: readonly Configuration[]): Timer[] {
  if (!isFrr(own)) return [];
  const lines = linesOf(own);
  const elsewhere = others.filter(isFrr).flatMap(linesOf);
  // Any of the others may be the peer, and any profile may be the one that is used: the least of all.
  const interval = Math.min(
    BFD.interval,
    ...numbersBehind(lines, 'receive-interval').map((number) => number * 1e6),
  );
  const multiplier = Math.min(BFD.multiplier, ...numbersBehind(elsewhere, 'detect-multiplier'));
  const bfd = { least: (multiplier - 1) * interval, text: `BFD ${multiplier} × ${formatDuration(interval)}` };
  const ospf = blocksOf(lines, 'interface ').flatMap((block): Timer[] => {
    const inside = lines.filter((line) => line.block === block);
    const has = (...words: string[]) =>
      inside.some((line) => words.every((word, index) => line.words[index] === word));
    if (!has('ip', 'ospf') || has('ip', 'ospf', 'passive')) return [];
    if (has('ip', 'ospf', 'bfd')) return [{ protocol: 'OSPF', ...bfd }];
    const isMinimal = has('ip', 'ospf', 'dead-interval', 'minimal');
    const hellos = numberOf(inside, 'ip', 'ospf', 'dead-interval', 'minimal', 'hello-multiplier') ?? 1;
    const hello = isMinimal ? 1e9 / hellos : secondsOf(inside, 'hello-interval', OSPF.hello);
    const dead = isMinimal ? 1e9 : secondsOf(inside, 'dead-interval', OSPF.dead);
    return [{ protocol: 'OSPF', least: dead - hello, text: `OSPF dead interval ${formatDuration(dead)}` }];
  });
  const bgp = blocksOf(lines, 'router bgp').map((block): Timer => {
    const inside = lines.filter((line) => line.block === block);
    if (inside.some(({ words }) => words[0] === 'neighbor' && words[2] === 'bfd'))
      return { protocol: 'BGP', ...bfd };
    const hold = Math.min(BGP_HOLD, ...holdsOf(inside), ...holdsOf(elsewhere));
    // A keepalive comes at least each third of it.
    return { protocol: 'BGP', least: (hold * 2) / 3, text: `BGP hold time ${formatDuration(hold)}` };
  });
  const isBfdUsed = lines.some(({ words }) => words.slice(1).includes('bfd') || words[0] === 'peer');
  return [...(isBfdUsed ? [{ protocol: 'BFD' as const, ...bfd }] : []), ...ospf, ...bgp];
}

const secondsOf = (lines: readonly Line[], word: string, usual: number): number =>
  (numberOf(lines, 'ip', 'ospf', word) ?? usual / 1e9) * 1e9;
