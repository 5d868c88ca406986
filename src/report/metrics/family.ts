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
}

/** The name that its samples have: unit last, as Prometheus and OpenMetrics ask for. */
export const sampleName = ({ name, unit, isInfo }: Pick<Family, 'name' | 'unit' | 'isInfo'>): string =>
  [name, ...(unit ? [unit] : []), ...(isInfo ? ['info'] : [])].join('_');

/** Each sample as a line: name, labels, value. One of each set of labels, since two would make the whole file invalid. */
export function sampleLines(family: Family): string[] {
  const lines = new Map<string, string>();
  for (const { labels, value } of family.samples) {
    const series = `${sampleName(family)}{${labelPairs(labels)}}`;
    if (!lines.has(series)) lines.set(series, `${series} ${number(value)}`);
  }
  return [...lines.values()];
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
