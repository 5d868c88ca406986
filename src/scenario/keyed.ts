import * as z from 'zod';
import { explain, inWords } from '../document/issues.js';
import { unknownName } from '../document/nearest.js';

/** For the JSON Schema: what a schema that checks by itself stands for. */
export const standsFor = new WeakMap<z.ZodType, z.ZodType>();

/**
 * The schema of one of several objects, told apart by which key they have. A plain union would answer a typing mistake with the complaints
 * of all alternatives.
 */
export function keyedUnion<const Options extends Record<string, z.ZodType>>(
  what: string,
  options: Options,
): z.ZodType<z.output<Options[keyof Options]>> {
  const keys = Object.keys(options);
  const schema = z.unknown().transform((value, context): z.output<Options[keyof Options]> => {
    const fail = (message: string) => {
      context.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    };
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return fail(`expected a ${what}: ${keys.join(', ')}`);
    const present = Object.keys(value).filter((key) => keys.includes(key));
    const [key, second] = present;
    if (second !== undefined)
      return fail(`a ${what} has one of ${keys.join(', ')}; this one has ${present.join(' and ')}`);
    if (key === undefined) return fail(unknownName(what, Object.keys(value)[0] ?? '', keys));
    const result = options[key]!.safeParse(value, { error: inWords });
    if (result.success) return result.data as z.output<Options[keyof Options]>;
    for (const { path, message, atKey } of result.error.issues.flatMap((issue) =>
      explain(issue, { schema: options[key]!, value }),
    )) {
      context.issues.push({ code: 'custom', path: [...path], message, params: { atKey }, input: value });
    }
    return z.NEVER;
  });
  standsFor.set(schema, z.union(Object.values(options) as never));
  return schema as never;
}
