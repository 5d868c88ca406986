import type { LabVariant } from '../coverage/coverage.js';
import type { DaemonOfNode } from '../coverage/parts.js';
import { daemonsOf } from '../runtime/namespace/daemons.js';
import type { LoadedScenario } from '../scenario/load.js';
import type { Topology } from '../topology/topology.js';

/** A lab with the daemons that the namespace runtime starts in it. */
export const variantOf = (topology: Topology, variables: Record<string, string>): LabVariant => ({
  topology,
  variables,
  daemons: [...topology.nodes.values()].flatMap((node) =>
    daemonsOf(node).map((daemon): DaemonOfNode => ({ node: node.name, ...daemon })),
  ),
});

/** A lab as a scenario has it. */
export const variantOfScenario = (loaded: LoadedScenario): LabVariant => ({
  ...variantOf(loaded.topology, loaded.scenario.variables),
  scenario: loaded,
});
