import type { Impairment } from '../impairment.js';

const percent = (share: number) => `${Number((share * 100).toFixed(6))}%`;
const microseconds = (nanoseconds: number) => `${nanoseconds / 1000}us`;

type Chance = Exclude<Impairment['duplicate'], undefined>;

const chance = (word: string, { percent: share, correlation }: Chance = { percent: 0, correlation: 0 }) => [
  word,
  percent(share),
  percent(correlation),
];

function lossWords({ loss }: Impairment): string[] {
  if (loss && 'gemodel' in loss) {
    const { p, r, '1-h': inBad, '1-k': inGood } = loss.gemodel;
    return ['loss', 'gemodel', ...[p, r ?? 1 - p, inBad, inGood].map(percent)];
  }
  if (loss && 'state' in loss) {
    const { p13, p31, p32, p23, p14 } = loss.state;
    return ['loss', 'state', ...[p13, p31 ?? 1 - p13, p32, p23, p14].map(percent)];
  }
  return ['loss', ...chance('random', loss)];
}

function delayWords(it: Impairment): string[] {
  const { delay, jitter, distribution, 'delay-correlation': correlation } = it;
  const table = jitter > 0 ? ['distribution', distribution] : [];
  return ['delay', microseconds(delay), microseconds(jitter), percent(correlation), ...table];
}

function slotWords({ slot = { min: 0 } }: Impairment): string[] {
  const { min, max = min, packets, bytes } = slot as Exclude<Impairment['slot'], undefined>;
  return [
    'slot',
    microseconds(min),
    microseconds(max),
    ...(packets === undefined ? [] : ['packets', String(packets)]),
    ...(bytes === undefined ? [] : ['bytes', String(bytes)]),
  ];
}

/**
 * An impairment as tc-netem(8) is told of it, after the word `netem`. Everything is said, what is zero as well: the kernel keeps from before
 * what a change does not mention.
 */
export function netemWords(it: Impairment): string[] {
  const { rate = 0, 'packet-overhead': packet, 'cell-size': cell, 'cell-overhead': overhead, gap } = it;
  return [
    'limit',
    String(it.limit),
    ...delayWords(it),
    ...lossWords(it),
    ...chance('duplicate', it.duplicate),
    ...chance('corrupt', it.corrupt),
    ...chance('reorder', it.reorder),
    ...(gap === undefined ? [] : ['gap', String(gap)]),
    ...['rate', `${rate}bit`, String(packet), String(cell), String(overhead)],
    ...slotWords(it),
  ];
}
