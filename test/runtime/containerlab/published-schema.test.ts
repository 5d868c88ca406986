import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../../src/paths.js';
import { deriveTopology } from '../../../src/runtime/containerlab/derive.js';
import { loadTopology } from '../../../src/topology/load.js';

/** containerlab's own, with its licence beside it. */
const SCHEMA = fileURLToPath(new URL('../../fixtures/containerlab/clab.schema.json', import.meta.url));

const LABS = packageFile('labs');
const labs = readdirSync(LABS, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.clab.yml'),
);

const validate = new Ajv({ allErrors: true, strict: false }).compile(
  JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
);
const complaints = (topology: string): string[] => {
  validate(parse(topology));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

test.each(labs)('what containerlab is given for %s keeps to its schema', (name) => {
  const topology = loadTopology(join(LABS, name), {});
  expect(complaints(deriveTopology(topology, { skipManagementNetwork: true }))).toEqual([]);
});

// Those of the other labs have labels on their links, which containerlab takes and its schema does not know in this form.
test.each(labs.filter((name) => name.startsWith('vendor/')))('%s itself keeps to it', (name) => {
  expect(complaints(loadTopology(join(LABS, name), {}).text)).toEqual([]);
});

test.each([
  [
    'a misspelt key',
    'name: x\ntopology: { nodes: { a: { imag: x } } }',
    'must NOT have additional properties',
  ],
  ['an unknown kind', 'name: x\ntopology: { nodes: { a: { kind: no_such } } }', 'must be equal to one of'],
])('the schema rejects %s', (_, text, message) => {
  expect(complaints(text).join('\n')).toContain(message);
});
