import { Argument, type Command } from 'commander';
import { findingsSchema, programmeSchema } from '../programme/schema.js';
import { jsonSchema, scenarioJsonSchema } from '../scenario/json-schema.js';

const SCHEMAS = {
  scenario: scenarioJsonSchema,
  programme: () => jsonSchema(programmeSchema),
  findings: () => jsonSchema(findingsSchema),
} as const;

/** `faildrill schema`: what editors check scenarios and programmes with. */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .addArgument(new Argument('[what]', 'of which files').choices(Object.keys(SCHEMAS)).default('scenario'))
    .description('print the JSON Schema of scenario, programme or findings files, for editors')
    .action((what: keyof typeof SCHEMAS) => console.log(JSON.stringify(SCHEMAS[what](), null, 2)));
}
