import { BUDGET } from '../jobs/admission.js';

/** What a container gets: its requests and its limits alike, so that its pod is of the class Guaranteed. */
export interface Resources {
  /** As Kubernetes writes it: `2`, `500m`. */
  cpu: string;
  /** As Kubernetes writes it: `1Gi`. */
  memory: string;
}

/** What a lab of ten nodes with its recordings keeps in memory, with room for judging. */
export const MEMORY = '1Gi';

/**
 * Processors for pods whose drills cost so much in their steady states: whole ones, since only these can be a pod's own, and with the same headroom as drills
 * side by side on one machine have.
 * @param costs processors; nothing for a drill that was never seen
 */
export const cpuFor = (costs: readonly (number | undefined)[]): string =>
  String(Math.max(1, ...costs.map((cost = 0) => Math.ceil(cost / BUDGET))));
