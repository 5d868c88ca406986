import type { Command } from 'commander';
import pc from 'picocolors';
import { checkTopology, type RuntimeName, runtimeFor } from '../runtime/registry.js';
import { loadScenario } from '../scenario/load.js';
import { loadTopology } from '../topology/load.js';
import type { Topology } from '../topology/topology.js';
import { reportError, reportWarnings } from './exit.js';
import { collectVariable, withEnvironment } from './options.js';
import { findScenarios } from './scenarios.js';

/** `faildrill validate`: checks scenarios and topologies without a lab. */
export function addValidate(program: Command): void {
  program
    .command('validate')
    .argument('<file...>', 'scenario files (*.drill.yml), folders of them, or topology files (*.clab.yml)')
    .option('--set <name=value>', 'give a variable of the topology file a value', collectVariable, {})
    .description('check scenarios against their topologies, without a lab')
    .action((paths: string[], { set }: { set: Record<string, string> }) => {
      let worst = 0;
      for (const file of findScenarios(paths)) {
        try {
          console.log(`${pc.green('ok')} ${file}: ${validate(file, set)}`);
        } catch (error) {
          worst = Math.max(worst, reportError(error));
        }
      }
      process.exitCode = worst;
    });
}

/** Checks a file; returns what it is. */
function validate(file: string, set: Record<string, string>): string {
  if (/\.clab\.ya?ml$/.test(file)) {
    const topology = loadTopology(file, withEnvironment(set));
    checkTopology(topology);
    return `${topology.nodes.size} nodes, ${topology.links.length} links${takes(topology)}`;
  }
  const { scenario, topology, warnings } = loadScenario(file, { variables: set });
  checkTopology(topology, scenario.runtime);
  reportWarnings(warnings);
  return `${scenario.steps.length} steps, ${scenario.targets.length} targets, lab ${topology.name}${takes(topology, scenario.runtime)}`;
}

/** What it takes to run it where namespaces are not enough. */
function takes(topology: Topology, wanted?: RuntimeName): string {
  const { name } = runtimeFor(topology, wanted);
  return name === 'namespace' ? '' : `; takes ${name}`;
}
