import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '../document/problem.js';

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
