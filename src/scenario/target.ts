import { parseDuration, parseRate } from './units.js';

/** Which event of the drill a metric is measured from. */
export interface EventReference {
  fault: string;
  /** Its clearing instead of its injection. */
  clear: boolean;
}

/** How trials, and flows within them, become one figure. */
export type Aggregate = 'min' | 'median' | 'max' | { percentile: number };

export type Comparison = '<' | '<=' | '=' | '>=' | '>';

/** What a figure is: nanoseconds, a share of 1, bits a second, or a plain number. */
export type Unit = 'duration' | 'share' | 'rate' | 'number';

/** A limit on a measured quantity. */
export interface Target {
  text: string;
  metric: string;
  /** Probes or watches that it is about. */
  subjects: string[];
  event?: EventReference;
  aggregate?: Aggregate;
  comparison: Comparison;
  /** Nanoseconds, share, bits a second or number, as `unit` says. */
  value: number;
  unit: Unit;
}

/**
 * Grammar, blanks between any two parts:
 *
 *     target     = metric [ "(" subject { "," subject } [ "after" [ "clear" ] fault ] ")" ] [ aggregate ] comparison value
 *     aggregate  = "min" | "median" | "max" | "p" number          e.g. p95
 *     comparison = "<" | "<=" | "=" | "==" | ">=" | ">"
 *     value      = number unit | number "%" | number              units: ns us ms s m h, bit kbit mbit gbit (a second)
 */
const TARGET = new RegExp(
  [
    /^\s*([a-z]\w*)\s*/,
    /(?:\(\s*([^)]*?)\s*\))?\s*/,
    /(?:(min|median|max|p\d+(?:\.\d+)?)\s*)?/,
    /(<=|>=|==|=|<|>)\s*/,
    /(\d+(?:\.\d+)?\s*(?:%|[A-Za-zµ]+(?:\/s)?)?)\s*$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

const INSIDE = /^((?:[\w-]+\s*,\s*)*[\w-]+)?(?:\s*\bafter\s+(clear\s+)?([\w-]+))?$/;

/** An example for messages. */
const EXAMPLE = 'recovery_time(app) p95 < 3s';

/**
 * Reads a target.
 * @returns the target, or what is wrong with it
 */
export function parseTarget(text: string): Target | string {
  const match = TARGET.exec(text);
  if (!match) return `not a target: "${text}"; expected something like ${EXAMPLE}`;
  const [, metric = '', inside = '', aggregate, comparison = '', value = ''] = match;
  const parts = INSIDE.exec(inside);
  if (!parts) return `cannot read "(${inside})"; expected something like (app) or (app after clear cut)`;
  const [, subjects = '', clear, fault] = parts;
  const limit = parseValue(value);
  if (!limit)
    return `cannot read the limit "${value}"; expected a duration as 3s, a share as 95%, a bit rate as 10mbit, or a number`;
  const percentile = aggregate?.startsWith('p') ? Number(aggregate.slice(1)) : undefined;
  if (percentile !== undefined && !(percentile > 0 && percentile < 100))
    return `${aggregate} is no percentile`;
  return {
    text: text.trim(),
    metric,
    subjects: subjects
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    ...(fault !== undefined && { event: { fault, clear: clear !== undefined } }),
    ...(aggregate && { aggregate: percentile === undefined ? (aggregate as Aggregate) : { percentile } }),
    comparison: (comparison === '==' ? '=' : comparison) as Comparison,
    ...limit,
  };
}

function parseValue(text: string): { value: number; unit: Unit } | undefined {
  if (text.endsWith('%')) return { value: Number.parseFloat(text) / 100, unit: 'share' };
  if (/^[\d.]+$/.test(text)) return { value: Number(text), unit: 'number' };
  const bits = parseRate(text);
  if (bits !== undefined) return { value: bits, unit: 'rate' };
  const value = parseDuration(text);
  return value === undefined ? undefined : { value, unit: 'duration' };
}

/** How an aggregate is written. */
export const aggregateName = (aggregate: Aggregate): string =>
  typeof aggregate === 'string' ? aggregate : `p${aggregate.percentile}`;

/** The aggregate that a target's text names, where no more than its text is known. */
export function aggregateIn(text: string): Aggregate | undefined {
  const [, written] = /\)\s*(min|median|max|p[\d.]+)\b/.exec(text) ?? [];
  return written?.startsWith('p')
    ? { percentile: Number(written.slice(1)) }
    : (written as Exclude<Aggregate, object> | undefined);
}

/** Probes of which nothing may be seen in plaintext where others could read it: those that a target says so of. */
export const confidentialProbes = (targets: readonly Pick<Target, 'metric' | 'subjects'>[]): string[] =>
  targets.filter(({ metric }) => metric === 'leaked_packets').flatMap(({ subjects }) => subjects);
