import type { Topology } from '../topology/topology.js';
import { containerlabRuntime } from './containerlab/index.js';
import { NeedsContainers } from './errors.js';
import { namespaceRuntime } from './namespace/index.js';
import { planLab } from './namespace/plan-lab.js';
import type { Runtime } from './runtime.js';

export { attachedRuntime } from './containerlab/index.js';

/** What brings labs up, by the names that scenarios and the command line use. */
export const runtimes = { namespace: namespaceRuntime, containerlab: containerlabRuntime } as const;
export type RuntimeName = keyof typeof runtimes;

/** The runtime that is asked for, else namespaces, else containers where the topology needs them. */
export const runtimeFor = (topology: Topology, wanted?: RuntimeName): Runtime =>
  runtimes[wanted ?? (whyContainers(topology) === undefined ? 'namespace' : 'containerlab')];

/** Looks whether a topology can be built, without a lab. @throws CannotRun where the runtime for it cannot */
export function checkTopology(topology: Topology, wanted?: RuntimeName): void {
  if (runtimeFor(topology, wanted) === namespaceRuntime) planLab(topology);
}

/** What of a topology takes containers, or nothing. */
export function whyContainers(topology: Topology): string | undefined {
  try {
    planLab(topology);
    return undefined;
  } catch (error) {
    return error instanceof NeedsContainers ? error.message : undefined;
  }
}
