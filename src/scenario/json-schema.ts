import * as z from 'zod';
import { standsFor } from './keyed.js';
import { scenarioSchema } from './schema.js';

type Json = Record<string, unknown>;

/** The JSON Schema of a zod schema as a person writes it, for editors and for the reference. */
export function jsonSchema(schema: z.ZodType): Json {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const other = standsFor.get(zodSchema as unknown as z.ZodType);
      if (other) Object.assign(jsonSchema, withoutDialect(nested(other)));
      // What our own checks use; editors do not know it.
      delete (jsonSchema as Json).reference;
    },
  }) as Json;
  return json;
}

const nested = (schema: z.ZodType): Json => jsonSchema(schema);
const withoutDialect = ({ $schema: _, ...rest }: Json): Json => rest;

/** The JSON Schema of scenario files. */
export const scenarioJsonSchema = (): Json => jsonSchema(scenarioSchema);
