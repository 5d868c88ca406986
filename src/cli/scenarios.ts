import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '../document/problem.js';
import type { LoadedScenario } from '../scenario/load.js';

const SCENARIO = /\.drill\.ya?ml$/;

/** Scenario files among paths; of a folder all that are below it. */
export function findScenarios(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
    const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => SCENARIO.test(name))
      .sort();
    if (found.length > 0) return found.map((name) => join(path, name));
    throw new InvalidInput([
      { file: path, line: 1, column: 1, message: 'there is no scenario (*.drill.yml) in this folder' },
    ]);
  });
}

/**
 * The scenarios that have any of these tags; all of them where none is asked for.
 * @throws InvalidInput for a tag that none has: nothing would be run, and a pipeline would take that for a pass
 */
export function withTags(
  scenarios: readonly LoadedScenario[],
  { tags, paths }: { tags: readonly string[]; paths: readonly string[] },
): LoadedScenario[] {
  if (tags.length === 0) return [...scenarios];
  const known = [...new Set(scenarios.flatMap(({ scenario }) => scenario.tags))].sort();
  const there =
    known.length > 0 ? `the tags here are ${known.map((tag) => `"${tag}"`).join(', ')}` : 'none here has any';
  const problems = tags
    .filter((tag) => !known.includes(tag))
    .map((tag) => ({
      file: paths.join(', '),
      line: 1,
      column: 1,
      message: `no scenario has the tag "${tag}"; ${there}`,
    }));
  if (problems.length > 0) throw new InvalidInput(problems);
  return scenarios.filter(({ scenario }) => scenario.tags.some((tag) => tags.includes(tag)));
}
