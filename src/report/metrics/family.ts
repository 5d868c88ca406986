import { legalXml } from '../xml.js';

/** What a gauge is counted in; nothing for a plain number. */
export type MetricUnit = 'seconds' | 'ratio' | 'bits_per_second';

/** Figures of one name: gauges that a drill leaves behind. */
export interface Family {
  /** Name without its unit. */
  name: string;
  unit?: MetricUnit;
  /** Holds nothing but its labels; its value is 1. */
  isInfo?: boolean;
  help: string;
  samples: Sample[];
}

export interface Sample {
  labels: Record<string, string>;
  value: number;
  /** When, as Unix time in seconds; where the format has that. */
  at?: string;
}

/** The name that its samples have: unit last, as Prometheus and OpenMetrics ask for. */
export const sampleName = ({ name, unit, isInfo }: Pick<Family, 'name' | 'unit' | 'isInfo'>): string =>
  [name, ...(unit ? [unit] : []), ...(isInfo ? ['info'] : [])].join('_');

/**
 * Each sample as a line: name, labels, value, time. One of each set of labels and time, the first, since two would make the whole file invalid;
 * and those of one set of labels together, for the same reason.
 */
export function sampleLines(family: Family): string[] {
  const all = new Map<string, Map<string, string>>();
  for (const { labels, value, at } of family.samples) {
    const series = `${sampleName(family)}{${labelPairs(labels)}}`;
    const lines = all.get(series) ?? new Map<string, string>();
    all.set(series, lines);
    if (!lines.has(at ?? '')) lines.set(at ?? '', [series, number(value), at].filter(Boolean).join(' '));
  }
  return [...all.values()].flatMap((lines) => [...lines.values()]);
}

/** Families of several drills as those of one file: each name once. */
export function joined(drills: readonly (readonly Family[])[]): Family[] {
  const all = new Map<string, Family>();
  for (const family of drills.flat()) {
    const name = sampleName(family);
    const known = all.get(name);
    if (known) known.samples.push(...family.samples);
    else all.set(name, { ...family, samples: [...family.samples] });
  }
  return [...all.values()];
}

// An empty label is the same as none. Control characters that no parser agrees on go, as in XML.
const labelPairs = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',');

const escapeLabel = (text: string) =>
  legalXml(text).replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

const number = (value: number): string =>
  Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
