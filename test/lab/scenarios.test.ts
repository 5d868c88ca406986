import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../fixtures/scenario.js';
import { type Drilled, decided } from './drill.js';

/** Trials of each scenario, and drills of each saboteur. */
const TRIALS = process.env.TRIALS ?? '1';

/** Whether all scenarios are drilled, or of each lab those that say most. */
const IS_WHOLE = process.env.SCENARIOS === 'all';

const LABS = readdirSync('scenarios', { withFileTypes: true }).filter((entry) => entry.isDirectory());

const isTelling = (file: string) =>
  (parse(readFileSync(file, 'utf8')) as { tags?: string[] }).tags?.includes('smoke') ?? false;

const short = ({ result: { verdict, reason, failures, problems, targets } }: Drilled) => ({
  verdict,
  reason,
  failures,
  problems,
  missed: targets.filter(({ verdict }) => verdict !== 'pass').map(({ text }) => text),
});

interface Saboteur {
  name: string;
  scenario: string;
  variables: Record<string, string>;
  'caught-by': string[];
  unaffected: string[];
}

describe.each(LABS.map(({ name }) => name))('lab %s', (lab) => {
  const folder = resolve('scenarios', lab);
  const all = readdirSync(folder).map((file) => file.replace('.drill.yml', ''));
  const scenarios = all.filter((name) => IS_WHOLE || isTelling(join(folder, `${name}.drill.yml`)));
  const left = all.length - scenarios.length;
  if (left > 0)
    console.warn(`${lab}: ${left} scenarios without the tag smoke are left to npm run test:scenarios`);

  test.each(scenarios)('%s passes', { timeout: 120_000 * Number(TRIALS) }, async (name) => {
    const done = await decided(temporaryFolder(), '--trials', TRIALS, join(folder, `${name}.drill.yml`));
    expect(short(done), done.stdout).toMatchObject({
      verdict: 'pass',
      missed: [],
      failures: [],
      problems: [],
    });
    expect(done.code).toBe(0);
  });

  const saboteurs = parse(readFileSync(join('labs', lab, 'saboteurs.yml'), 'utf8')) as Saboteur[];

  const drilled = saboteurs.filter(({ scenario }) => scenarios.includes(scenario));
  test.each(drilled.map((one) => [`${one.name} is caught by ${one.scenario}`, one] as const))(
    '%s',
    { repeats: Number(TRIALS) - 1 },
    async (_, saboteur) => {
      const settings = Object.entries(saboteur.variables).flatMap(([name, value]) => [
        '--set',
        `${name}=${value}`,
      ]);
      const done = await decided(
        temporaryFolder(),
        ...settings,
        join(folder, `${saboteur.scenario}.drill.yml`),
      );
      expect({ ...short(done), code: done.code }, done.stdout).toMatchObject({ verdict: 'fail', code: 1 });
      const verdictOf = (target: string) =>
        done.result.targets.find(({ text }) => text.replace(/\s/g, '').startsWith(target.replace(/\s/g, '')))
          ?.verdict;
      const expected = { caught: saboteur['caught-by'], unaffected: saboteur.unaffected };
      if (expected.caught.includes('steady-state'))
        expect(done.result.reason).toMatch(/the steady state was never reached/);
      else {
        expect(expected.caught.map((target) => [target, verdictOf(target)])).toEqual(
          expected.caught.map((target) => [target, 'fail']),
        );
      }
      expect(expected.unaffected.map((target) => [target, verdictOf(target)])).toEqual(
        expected.unaffected.map((target) => [target, 'pass']),
      );
    },
  );

  test('every scenario has a saboteur', () => {
    const covered = new Set(saboteurs.map(({ scenario }) => scenario));
    expect(all.filter((name) => !covered.has(name))).toEqual([]);
  });
});
