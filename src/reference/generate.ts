import { readFileSync, writeFileSync } from 'node:fs';
import { packageFile } from '../paths.js';
import { findingsSchema, programmeSchema } from '../programme/schema.js';
import { jsonSchema, scenarioJsonSchema } from '../scenario/json-schema.js';
import { referencePage } from './catalogue.js';
import { dashboard } from './dashboard.js';
import { labsPage } from './saboteurs.js';

/**
 * Writes what is generated from the schemas. With "--check" it only says which of it is stale, and exits with 1 where any is.
 * Usage: generate.js [--check]
 */
const generated: Record<string, () => string> = {
  'scenarios/scenario.schema.json': () => `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`,
  'scenarios/programme.schema.json': () => `${JSON.stringify(jsonSchema(programmeSchema), null, 2)}\n`,
  'scenarios/findings.schema.json': () => `${JSON.stringify(jsonSchema(findingsSchema), null, 2)}\n`,
  'docs/reference.md': referencePage,
  'labs/README.md': labsPage,
  'docs/grafana-dashboard.json': () => `${JSON.stringify(dashboard, null, 2)}\n`,
};

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

for (const [file, make] of Object.entries(generated)) {
  const path = packageFile(file);
  if (!process.argv.includes('--check')) writeFileSync(path, make());
  else if (read(path) !== make()) {
    console.error(`${file} is stale; run: npm run generate`);
    process.exitCode = 1;
  }
}
