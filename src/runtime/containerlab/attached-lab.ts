import { CannotRun } from '../errors.js';
import type { LabOrder } from '../runtime.js';
import { type ContainerlabLab, containersOf, labOf } from './containerlab-lab.js';
import { DirectLinks } from './direct-links.js';
import { openDocker } from './docker.js';

/**
 * Takes hold of a lab that is up, found by its name in containerlab's labels. containerlab itself is not needed. Letting go of it leaves
 * it as it was.
 * @throws CannotRun where no such lab is up, or a node of the topology does not run
 */
export async function attachLab({ topology, clock }: LabOrder): Promise<ContainerlabLab> {
  const docker = await openDocker();
  if ((await containersOf(docker, topology.name)).size === 0)
    throw new CannotRun(`no lab named "${topology.name}" is up in Docker`, {
      hint: 'see: containerlab inspect --all; without --attach it is deployed',
    });
  return labOf({
    ...{ docker, topology, clock, outlivesDrill: true },
    linksBetween: (nodes) => new DirectLinks({ topology, clock, nodes }),
    finish: (links) => links.prepare(),
  });
}
