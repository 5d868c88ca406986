import type * as z from 'zod';
import { unknownName } from './nearest.js';

/** Something that a schema has against a document. */
export interface Complaint {
  path: readonly PropertyKey[];
  message: string;
  /** Whether it is the key that is wrong, not its value. */
  atKey: boolean;
}

/** What was checked against what. */
export interface Checked {
  schema: z.ZodType;
  value: unknown;
}

/** Turns an issue of zod's into complaints that name what was probably meant. */
export function explain(
  issue: z.core.$ZodIssue,
  checked: Checked,
  base: readonly PropertyKey[] = [],
): Complaint[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(checked.schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownName('key', key, known),
      atKey: true,
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative that got furthest is the one that was meant.
    const depth = (issues: z.core.$ZodIssue[]) => Math.max(...issues.map(({ path }) => path.length), 0);
    const best = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0]!;
    if (depth(best) > 0) return best.flatMap((inner) => explain(inner, checked, path));
    const messages = issue.errors.flatMap((issues) => issues.map(({ message }) => message));
    return [{ path, message: [...new Set(messages)].join('; or '), atKey: false }];
  }
  if (issue.code === 'invalid_type' && path.length > 0 && valueAt(checked.value, path) === undefined) {
    return [{ path, message: `"${String(path.at(-1))}" is missing`, atKey: false }];
  }
  const atKey = issue.code === 'custom' && issue.params?.atKey === true;
  return [{ path, message: issue.message, atKey }];
}

/** What people call the things that a schema can expect, or be given. */
const NOUNS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  null: 'nothing',
};

/** What the length of a thing is counted in. */
const UNITS: Record<string, string> = { string: 'character', array: 'item' };

/** What is wrong, where the schema has no words of its own for it. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    const given = issue.input === null ? 'null' : Array.isArray(issue.input) ? 'array' : typeof issue.input;
    return `expected ${NOUNS[issue.expected] ?? issue.expected}, not ${given === 'number' ? issue.input : (NOUNS[given] ?? given)}`;
  }
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String);
    return typeof issue.input === 'string'
      ? unknownName('value', issue.input, known)
      : `expected ${known.join(' or ')}`;
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const [words, limit] =
      issue.code === 'too_small'
        ? (['at least', issue.minimum] as const)
        : (['at most', issue.maximum] as const);
    const unit = UNITS[issue.origin];
    return `expected ${words} ${limit}${unit ? ` ${unit}${limit === 1 ? '' : 's'}` : ''}`;
  }
  return undefined;
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/** The keys that a schema knows at a place, through whatever wraps it. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const found = new Set<string>();
  const visit = (schema: z.ZodType | undefined, rest: readonly PropertyKey[]) => {
    const definition = (schema as { _zod?: { def: object } } | undefined)?._zod?.def;
    if (!definition) return;
    const {
      innerType,
      in: input,
      options,
      shape,
      valueType,
      element,
    } = definition as {
      innerType?: z.ZodType;
      in?: z.ZodType;
      options?: z.ZodType[];
      shape?: Record<string, z.ZodType>;
      valueType?: z.ZodType;
      element?: z.ZodType;
    };
    for (const inner of [innerType, input, ...(options ?? [])]) visit(inner, rest);
    if (shape && rest.length === 0) for (const key of Object.keys(shape)) found.add(key);
    if (rest.length === 0) return;
    if (shape) visit(shape[String(rest[0])], rest.slice(1));
    visit(valueType, rest.slice(1));
    visit(element, rest.slice(1));
  };
  visit(schema, path);
  return [...found];
}
