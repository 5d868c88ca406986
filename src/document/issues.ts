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
  }
  if (issue.code === 'invalid_type' && path.length > 0 && valueAt(checked.value, path) === undefined) {
    return [{ path, message: `"${String(path.at(-1))}" is missing`, atKey: false }];
  }
  const atKey = issue.code === 'custom' && issue.params?.atKey === true;
  return [{ path, message: issue.message, atKey }];
}

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
