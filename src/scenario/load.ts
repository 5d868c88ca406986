import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Document, readDocument } from '../document/document.js';
import { InvalidInput, type Problem } from '../document/problem.js';
import { loadTopology } from '../topology/load.js';
import type { Topology } from '../topology/topology.js';
import { checkScenario } from './check.js';
import { type Scenario, scenarioSchema } from './schema.js';
import { warningsOf } from './warn.js';

/** A scenario that fits its topology. */
export interface LoadedScenario {
  /** Absolute path. */
  file: string;
  text: string;
  scenario: Scenario;
  topology: Topology;
  /** What may surprise its author. */
  warnings: Problem[];
}

/**
 * Reads a scenario and its topology, and checks one against the other.
 * @param variables values for the topology's variables, over the scenario's own
 * @throws InvalidInput with everything that is wrong, by line and column
 */
export function loadScenario(
  file: string,
  { variables = {} }: { variables?: Record<string, string> } = {},
): LoadedScenario {
  const document = readDocument(resolve(file));
  const read = document.check(scenarioSchema);
  const scenario = { ...read, variables: { ...read.variables, ...variables } };
  const topology = loadTopology(topologyFile(document, scenario.lab), {
    ...process.env,
    ...scenario.variables,
  });
  const problems = checkScenario(document, scenario, topology);
  if (problems.length > 0) throw new InvalidInput(problems);
  const warnings = warningsOf(document, scenario, topology);
  return { file: document.file, text: document.text, scenario, topology, warnings };
}

const TOPOLOGY = /\.clab\.ya?ml$/;

function topologyFile(document: Document, lab: string): string {
  const path = resolve(dirname(document.file), lab);
  const fail = (message: string): never => {
    throw new InvalidInput([document.problem(['lab'], message)]);
  };
  if (!existsSync(path)) return fail(`there is no ${path}`);
  if (!statSync(path).isDirectory()) return path;
  const found = readdirSync(path).filter((name) => TOPOLOGY.test(name));
  if (found.length === 1) return join(path, found[0]!);
  const what =
    found.length === 0 ? 'no topology file (*.clab.yml)' : `several topology files: ${found.join(', ')}`;
  return fail(`${path} has ${what}`);
}
