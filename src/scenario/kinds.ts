import * as z from 'zod';
import { unknownName } from '../document/nearest.js';

/** What every kind of something has: a name, a sentence, and the keys that it takes in a scenario. */
export interface Kind {
  name: string;
  description: string;
  parameters: z.ZodRawShape;
}

type KindsOf<Key extends string, Kinds extends Record<string, Kind>, Common extends z.ZodRawShape> = {
  [Name in keyof Kinds & string]: z.output<
    z.ZodObject<Record<Key, z.ZodLiteral<Name>> & Common & Kinds[Name]['parameters']>
  >;
}[keyof Kinds & string];

/**
 * The schema of one of several kinds, told apart by the value of a key.
 * @param common keys that all kinds take
 */
export function oneOfKinds<
  const Key extends string,
  Kinds extends Record<string, Kind>,
  const Common extends z.ZodRawShape = Record<never, never>,
>(options: {
  what: string;
  key: Key;
  kinds: Kinds;
  common?: Common;
}): z.ZodType<KindsOf<Key, Kinds, Common>> {
  const { what, key, kinds, common = {} } = options;
  const names = Object.keys(kinds);
  const schemas = Object.values(kinds).map(({ name, description, parameters }) =>
    z.strictObject({ [key]: z.literal(name), ...common, ...parameters }).meta({ description }),
  );
  const message = (input: unknown) => {
    const named = (input as Record<string, unknown> | null)?.[key];
    return typeof named === 'string'
      ? unknownName(what, named, names)
      : `expected "${key}", one of ${names.join(', ')}`;
  };
  return z.discriminatedUnion(key, schemas as never, {
    error: (issue) => (issue.code === 'invalid_union' ? message(issue.input) : undefined),
  }) as never;
}
