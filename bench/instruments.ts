import { cpus } from 'node:os';
import { busyLoops } from './busy.js';
import { type Counted, countPackets } from './instruments/counts.js';
import { type Noticed, noticeChanges } from './instruments/notices.js';
import { freezeSessions, type Stalled } from './instruments/stalls.js';
import { median, quantile } from './statistics.js';
import { markdown, type Row } from './table.js';
import { temporaryFolder } from './temporary.js';

const MS = 1e6;
const US = 1e3;

const MOST_DETECTION = 2 * MS;
const MOST_DELAY = 20 * US;

/** How wrong counts, delays, instants of detection and stalls of sessions are, beside the truth and beside what other tools say. */
export async function instruments(): Promise<Row[]> {
  using folder = temporaryFolder();
  const measure = async (condition: string): Promise<Row[]> => [
    ...rowsOfCounts(condition, await countPackets(folder.path)),
    ...rowsOfNotices(condition, await noticeChanges(folder.path)),
    ...rowsOfStalls(condition, await freezeSessions(folder.path)),
  ];
  const idle = await measure('idle');
  await using _ = busyLoops(cpus().length);
  return [...idle, ...(await measure('all cores busy'))];
}

const micro = (nanoseconds: number) => (nanoseconds / US).toFixed(1);
const milli = (nanoseconds: number) => (nanoseconds / MS).toFixed(2);

function rowsOfCounts(condition: string, { tools, invalid }: Counted): Row[] {
  const counts = ['lost', 'duplicated', 'reordered'] as const;
  const lines = tools.flatMap(({ name, told, truth, delayErrors }) => [
    ...counts.map((count) => [name, count, String(truth[count]), String(told[count] ?? 'not told')]),
    ...(delayErrors.length === 0
      ? []
      : [
          [
            name,
            'one-way delay, error in µs: median; median size; p99 size',
            `of ${delayErrors.length}`,
            [
              median(delayErrors),
              median(delayErrors.map(Math.abs)),
              quantile(delayErrors.map(Math.abs), 0.99),
            ]
              .map(micro)
              .join('; '),
          ],
        ]),
  ]);
  console.log(`${condition}: what was on the wire, and what was told of it\n`);
  console.log(`${markdown(['who', 'what', 'wire', 'told'], lines)}\n`);
  const own = tools[0]!;
  const wrong = counts.filter((count) => own.told[count] !== own.truth[count]);
  const error = median(own.delayErrors.map(Math.abs));
  const note = invalid.length > 0 ? `; invalid: ${invalid.join('; ')}` : '';
  return [
    {
      what: `packets lost, duplicated, reordered, of ${own.truth.sent}, ${condition}`,
      target: 'exact',
      measured: `${counts.map((count) => `${own.told[count]} of ${own.truth[count]}`).join(', ')}${note}`,
      ok: wrong.length === 0 || invalid.length > 0,
    },
    {
      what: `one-way delay, median error, ${condition}`,
      target: `<= ${micro(MOST_DELAY)} us`,
      measured: `${micro(error)} us`,
      ok: error <= MOST_DELAY,
    },
  ];
}

function rowsOfNotices(condition: string, all: Noticed[]): Row[] {
  return all.map(({ watch, errors, outside }) => ({
    what: `detection instant of a ${watch} watch, median error, ${condition}`,
    target: `<= ${milli(MOST_DETECTION)} ms, none outside the bracket`,
    measured: `${milli(median(errors))} ms, p99 ${milli(quantile(errors, 0.99))} ms; ${outside} of ${errors.length} outside`,
    ok: median(errors) <= MOST_DETECTION && outside === 0,
  }));
}

function rowsOfStalls(condition: string, { errors, outside, interval }: Stalled): Row[] {
  const size = errors.map(Math.abs);
  return [
    {
      what: `stall of a session, against a freeze of known length, ${condition}`,
      target: `median <= ${milli(interval)} ms (its interval), none shorter than the freeze`,
      measured: `${milli(median(size))} ms, p99 ${milli(quantile(size, 0.99))} ms; ${outside} of ${errors.length} outside`,
      ok: median(size) <= interval && outside === 0,
    },
  ];
}
