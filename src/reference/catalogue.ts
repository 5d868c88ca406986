import * as z from 'zod';
import type { Subject } from '../analysis/metrics/metric.js';
import { metrics } from '../analysis/metrics/registry.js';
import { receivers } from '../delivery/registry.js';
import { faults } from '../faults/registry.js';
import { probes } from '../probes/registry.js';
import { reports } from '../report/registry.js';
import { jsonSchema } from '../scenario/json-schema.js';
import type { Kind } from '../scenario/kinds.js';
import { watches } from '../watches/registry.js';

/** A key of a kind, as the reference shows it. */
export interface Parameter {
  name: string;
  /** `duration`, `string`, one of several words... */
  type: string;
  required: boolean;
  default?: string;
  description: string;
}

/** One thing that a scenario can name. */
export interface Entry {
  name: string;
  description: string;
  parameters: Parameter[];
}

/** Things of one sort. */
export interface Section {
  title: string;
  /** Word by which it is asked for. */
  key: string;
  /** How one is written in a scenario. */
  usage: string;
  entries: Entry[];
}

interface Property {
  type?: string;
  enum?: string[];
  const?: string;
  pattern?: string;
  description?: string;
  default?: unknown;
  anyOf?: Property[];
}

function typeOf({ type, enum: words, pattern = '', anyOf }: Property): string {
  if (words) return words.join(' \\| ');
  if (pattern.includes('ns|us')) return 'duration';
  if (anyOf)
    return anyOf
      .map(typeOf)
      .filter((name, index, all) => all.indexOf(name) === index)
      .join(' or ');
  return type ?? 'any';
}

const entryOf = ({ name, description, parameters }: Kind): Entry => {
  const { properties = {}, required = [] } = jsonSchema(z.strictObject(parameters)) as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  return {
    name,
    description,
    parameters: Object.entries(properties).map(([key, property]) => ({
      name: key,
      type: typeOf(property),
      required: required.includes(key),
      ...(property.default !== undefined && { default: String(property.default) }),
      description: property.description ?? '',
    })),
  };
};

const kinds = (registry: Record<string, unknown>): Entry[] =>
  Object.values(registry as Record<string, Kind>).map(entryOf);

const subjects: Record<Subject, string> = {
  packets: 'a probe that counts packets or requests',
  'one-way': 'a probe that times packets one way',
  'round-trip': 'a probe that makes requests',
  sessions: 'a probe that holds sessions',
  marked: 'a probe that marks its packets',
  voice: 'a probe that makes calls',
  goodput: 'a probe that moves data',
  'tcp-senders': 'a probe that moves data and watches its senders',
  watch: 'a watch',
  'two watches': 'two watches',
  'operator step': 'an operator step, by its name',
  operators: 'those who are drilled, without a subject',
};

/** Everything that a scenario can name, from the registries. */
export const catalogue = (): Section[] => [
  {
    title: 'Probes',
    key: 'probes',
    usage: '`name: { kind: ..., ... }` under `probes:`',
    entries: kinds(probes),
  },
  {
    title: 'Watches',
    key: 'watches',
    usage: '`name: { kind: ..., ... }` under `watches:`',
    entries: kinds(watches),
  },
  {
    title: 'Faults',
    key: 'faults',
    usage: '`inject: ...` as a step, with the keys beside it',
    entries: kinds(faults),
  },
  {
    title: 'Metrics',
    key: 'metrics',
    usage: '`metric(subject) [aggregate] comparison value` under `targets:`',
    entries: Object.values(metrics).map(({ name, description, source, unit, subject }) => ({
      name,
      description: `${description} (${source}); of ${subjects[subject]}, a ${unit}`,
      parameters: [],
    })),
  },
  {
    title: 'Reports',
    key: 'reports',
    usage: "files in a drill's folder",
    entries: Object.values(reports).map(({ file, description }) => ({
      name: file,
      description,
      parameters: [],
    })),
  },
  {
    title: 'Receivers',
    key: 'receivers',
    usage: '`faildrill run --notify ...`, or the environment variable FAILDRILL_NOTIFY',
    entries: Object.values(receivers).map(({ usage, description }) => ({
      name: usage,
      description,
      parameters: [],
    })),
  },
];

/** The catalogue as a page of Markdown. */
export function referencePage(): string {
  const lines = [
    '# Reference',
    '',
    'Generated from the schemas by `npm run generate`; `faildrill list` prints the same.',
    '',
  ];
  for (const { title, usage, entries } of catalogue()) {
    lines.push(`## ${title}`, '', usage, '');
    for (const { name, description, parameters } of entries) {
      lines.push(`### \`${name}\``, '', `${description}.`, '');
      if (parameters.length === 0) continue;
      lines.push('| key | type | default | |', '| --- | --- | --- | --- |');
      for (const { name, type, required, default: fallback, description } of parameters) {
        lines.push(
          `| \`${name}\` | ${type} | ${required ? '**required**' : fallback === undefined ? '' : `\`${fallback}\``} | ${description} |`,
        );
      }
      lines.push('');
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
