import { createReadStream } from 'node:fs';
import { unknownName } from '../../document/nearest.js';
import { Clock } from '../../linux/clock.js';
import type { Topology } from '../../topology/topology.js';
import { CannotRun } from '../errors.js';
import type { Node } from '../runtime.js';
import { launchSupervisor } from './launch.js';
import { NamespaceLab } from './namespace-lab.js';
import { planLab } from './plan-lab.js';

export { runningLabs } from './launch.js';
export { runInTerminal } from './shell.js';

/** Brings a lab up that stays when this process ends. */
export async function raiseLab(topology: Topology): Promise<NamespaceLab> {
  const plan = planLab(topology);
  await launchSupervisor(plan.name, 'detached');
  return NamespaceLab.deploy({ topology, plan, clock: new Clock() });
}

/** A lab that is up, whoever started it. */
export type RunningLab = NamespaceLab;

/** Joins a running lab. */
export const joinLab = (name: string): Promise<NamespaceLab> => NamespaceLab.join(name);

/** A node of a running lab, by name. */
export function nodeNamed(lab: NamespaceLab, name: string): Node {
  const node = lab.nodes.get(name);
  if (!node) throw new CannotRun(unknownName('node', name, lab.nodes.keys()));
  return node;
}

/** A node's console log so far. */
export const readConsole = (lab: NamespaceLab, node: string) =>
  createReadStream(nodeNamed(lab, node).console);
