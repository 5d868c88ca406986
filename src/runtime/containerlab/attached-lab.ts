import { CleanUp } from '../../cleanup.js';
import type { Clock } from '../../linux/clock.js';
import type { Topology } from '../../topology/topology.js';
import { CannotRun } from '../errors.js';
import type { ContainerNode } from './container-node.js';
import { ContainerlabLab, connectNodes, containersOf, endsOf } from './containerlab-lab.js';
import { DirectLinks } from './direct-links.js';
import { openDocker } from './docker.js';

/**
 * Takes hold of a lab that is up, found by its name in containerlab's labels. containerlab itself is not needed. Letting go of it leaves
 * it as it was.
 * @throws CannotRun where no such lab is up, or a node of the topology does not run
 */
export async function attachLab({
  topology,
  clock,
}: {
  topology: Topology;
  clock: Clock;
}): Promise<ContainerlabLab> {
  const docker = await openDocker();
  if ((await containersOf(docker, topology.name)).size === 0)
    throw new CannotRun(`no lab named "${topology.name}" is up in Docker`, {
      hint: 'see: containerlab inspect --all; without --attach it is deployed',
    });
  const cleanUp = new CleanUp();
  const nodes = new Map<string, ContainerNode>();
  try {
    const before = clock.now();
    const links = new DirectLinks({ topology, clock, nodes });
    cleanUp.defer(() => links[Symbol.dispose]());
    await connectNodes({ docker, topology, clock, lines: links, nodes, cleanUp });
    links.prepare();
    const deployed = { before, after: clock.now() };
    const events = await endsOf(docker, topology.name, cleanUp);
    return new ContainerlabLab({
      topology,
      outlivesDrill: true,
      nodes,
      links: links.links,
      deployed,
      events,
      cleanUp,
    });
  } catch (error) {
    await cleanUp[Symbol.asyncDispose]().catch(() => {});
    throw error;
  }
}
