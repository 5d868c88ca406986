import * as z from 'zod';

/** A length of time in nanoseconds. */
export type Duration = number;

const UNITS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};
const DURATION = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|min|h)$/;

/** What a duration looks like, for messages. */
const EXPECTED = 'expected a duration with a unit, as 5ms, 2s or 1m';

/** Reads `5ms`, `1.5s`, `2m`; nothing where the text is none. */
export function parseDuration(text: string): Duration | undefined {
  const [, number, unit = ''] = DURATION.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * UNITS[unit]!);
}

/** Writes a duration with at most three digits that matter: `1.23 s`, `45.6 ms`, `120 µs`, `0 ms`. */
export function formatDuration(nanoseconds: Duration): string {
  if (!Number.isFinite(nanoseconds)) return nanoseconds > 0 ? '∞' : '-∞';
  const size = Math.abs(nanoseconds);
  const [unit, by] =
    size >= 1e9
      ? (['s', 1e9] as const)
      : size >= 1e6 || size === 0
        ? (['ms', 1e6] as const)
        : (['µs', 1e3] as const);
  const value = nanoseconds / by;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${unit}`;
}

/** A duration in a scenario, in nanoseconds once read. */
export const duration = z
  .string({ error: EXPECTED })
  .regex(DURATION, EXPECTED)
  .transform((text) => parseDuration(text)!)
  .meta({ description: 'a duration with a unit: 5ms, 2s, 1m' });

/** A duration that is not zero. */
export const positiveDuration = duration.refine((nanoseconds) => nanoseconds > 0, {
  error: 'expected a duration longer than zero',
  abort: true,
});

const EXPECTED_RANGE = 'expected two durations, the shorter one first, as "1s to 4s"';

/** From how long to how long, nanoseconds. */
export interface DurationRange {
  least: Duration;
  most: Duration;
}

/** Reads `1s to 4s`; nothing where the text is no range. */
function parseRange(text: string): DurationRange | undefined {
  const [least, most, ...rest] = text.split(' to ').map(parseDuration);
  if (least === undefined || most === undefined || rest.length > 0) return undefined;
  return least <= most ? { least, most } : undefined;
}

/** Writes a range: `1 s to 4 s`. */
export const formatRange = ({ least, most }: DurationRange): string =>
  `${formatDuration(least)} to ${formatDuration(most)}`;

/** A range that a duration is drawn from, in a scenario. */
export const durationRange = z
  .string({ error: EXPECTED_RANGE })
  .refine((text) => parseRange(text) !== undefined, { error: EXPECTED_RANGE, abort: true })
  .transform((text) => parseRange(text)!);

const RATE = /^(\d+(?:\.\d+)?)\s*(bit|kbit|mbit|gbit)(?:\/s)?$/i;
const RATES: Record<string, number> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const EXPECTED_RATE = 'expected a bit rate with a unit, as 10mbit or 512kbit';

/** Reads `10mbit`, `1.5 Gbit/s` as bits a second; nothing where the text is no bit rate. */
export function parseRate(text: string): number | undefined {
  const [, number, unit = ''] = RATE.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * RATES[unit.toLowerCase()]!);
}

/** Writes a bit rate with four digits that matter: `48.13 Mbit/s`, `0 bit/s`. */
export function formatRate(bits: number): string {
  if (!Number.isFinite(bits)) return '∞';
  const [unit, by] =
    bits >= 1e9
      ? (['Gbit/s', 1e9] as const)
      : bits >= 1e6
        ? (['Mbit/s', 1e6] as const)
        : bits >= 1e3
          ? (['kbit/s', 1e3] as const)
          : (['bit/s', 1] as const);
  return `${Number((bits / by).toPrecision(4))} ${unit}`;
}

/** A bit rate in a scenario; bits a second once read. */
export const rate = z
  .string({ error: EXPECTED_RATE })
  .regex(RATE, EXPECTED_RATE)
  .transform((text) => parseRate(text)!)
  .refine((bits) => bits > 0, { error: EXPECTED_RATE });

/** A file of a node. A pattern, since the JSON Schema would get an unknown format from `startsWith`. */
export const absolutePath = z.string().regex(/^\//, 'expected an absolute path in the node');

/** A regular expression of JavaScript. */
export const regularExpression = z
  .string()
  .min(1)
  .refine(
    (text) => {
      try {
        return new RegExp(text) !== undefined;
      } catch {
        return false;
      }
    },
    { error: 'expected a regular expression' },
  );

/** A name that conditions and targets can use. */
export const identifier = z
  .string()
  .regex(/^[A-Za-z][\w-]*$/, 'a name starts with a letter and has letters, digits, "-" and "_"');

/** A node of the lab. */
export const nodeName = z.string().min(1).meta({ description: 'a node of the lab', reference: 'node' });

/** A link of the lab. */
export const linkReference = z
  .string()
  .regex(/^\S+:\S+\s*<->\s*\S+:\S+$/, 'expected a link as "branch:eth1 <-> isp1:eth1"')
  .meta({ description: 'a link of the lab, as "branch:eth1 <-> isp1:eth1"', reference: 'link' });
