import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../src/paths.js';
import { SCENARIO } from '../fixtures/scenario.js';
import { faildrill } from '../lab/drill.js';

const FOLDER = packageFile('scenarios');
const scenarios = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.drill.yml'),
);

/** What a validator that is not ours says of a scenario, by the schema that is printed. */
let complaints: (scenario: string) => string[];

beforeAll(async () => {
  const { stdout } = await faildrill(packageFile('.'), 'schema');
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(stdout));
  complaints = (scenario) => {
    validate(parse(scenario));
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
});

test('it is the one beside the scenarios', async () => {
  const { exitCode, stdout } = await faildrill(packageFile('.'), 'schema');
  expect(exitCode).toBe(0);
  expect(`${stdout}\n`).toBe(readFileSync(join(FOLDER, 'scenario.schema.json'), 'utf8'));
});

test.each(scenarios)('it accepts %s', (name) => {
  expect(complaints(readFileSync(join(FOLDER, name), 'utf8'))).toEqual([]);
});

describe('it rejects', () => {
  test.each([
    ['a misspelt key', 'validation-time', 'validaton-time', ' must NOT have additional properties'],
    ['a misspelt key of a probe', 'flows:', 'flow:', '/probes/app must NOT have additional properties'],
    ['a missing key', 'title:', 'objective:', " must have required property 'title'"],
    ['a duration without a unit', 'interval: 5ms', 'interval: 5', '/probes/app/interval must be string'],
    ['a negative interval', 'interval: 5ms', 'interval: -5ms', '/probes/app/interval must match pattern'],
    ['an unknown fault', 'link-cut', 'link-cutt', '/steps/0/inject must be equal to constant'],
    ['an unknown step', 'hold:', 'hodl:', "/steps/1 must have required property 'hold'"],
    ['two steps in one', 'hold: 300ms', 'hold: 300ms\n    clear: cut', '/steps/1 must NOT have additional'],
    ['an unknown mode', 'mode: silent', 'mode: silnt', '/steps/0/mode must be equal to one of'],
    ['a bad link', 'a:eth1 <-> b:eth1', 'a:eth1', '/steps/0/link must match pattern'],
    ['no trials', 'validation-time: 500ms', 'trials: 0', '/trials must be >= 1'],
  ])('%s', (_, from, to, expected) => {
    expect(SCENARIO).toContain(from);
    expect(complaints(SCENARIO)).toEqual([]);
    expect(complaints(SCENARIO.replace(from, to))).toContainEqual(expect.stringContaining(expected));
  });
});

test.each(['programme', 'findings'])(
  '%s.schema.json accepts the %s.yml that ships, and no misspelt key',
  async (what) => {
    const { stdout } = await faildrill(packageFile('.'), 'schema', what);
    expect(`${stdout}\n`).toBe(readFileSync(join(FOLDER, `${what}.schema.json`), 'utf8'));
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(stdout));
    const shipped = parse(readFileSync(join(FOLDER, `${what}.yml`), 'utf8')) as object;
    validate(shipped);
    expect(validate.errors).toBeNull();
    expect(validate({ ...shipped, titel: 'x' })).toBe(false);
  },
);
