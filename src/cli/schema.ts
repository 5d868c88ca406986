import type { Command } from 'commander';
import { scenarioJsonSchema } from '../scenario/json-schema.js';

/** `faildrill schema`: what editors check scenarios with. */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of scenario files, for editors')
    .action(() => console.log(JSON.stringify(scenarioJsonSchema(), null, 2)));
}
