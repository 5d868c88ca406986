import { distantPair, linkWithHint, writeDraft, yaml } from '../scenario/draft.js';
import { findLink, type Topology } from '../topology/topology.js';
import type { Failure, LabCoverage } from './coverage.js';
import type { Part } from './parts.js';

/** A scenario for a failure that none drills by itself. */
export interface MissingScenario {
  /** Name of the scenario. */
  name: string;
  /** The scenario file. @param lab the topology file, as it is to be named there */
  text: (lab: string) => string;
}

/**
 * Drafts a scenario for each single failure of a lab that none drills by itself.
 * @param taken names that other scenarios have
 * @throws InvalidInput where the lab has no two nodes that are connected
 */
export function missingScenarios(
  { topology, failures }: LabCoverage,
  taken: Iterable<string>,
): MissingScenario[] {
  const names = new Set(taken);
  return failures
    .filter(({ state }) => state !== 'drilled')
    .map(({ part, name: called, variables }: Failure) => {
      const name = uniqueName(`${topology.name} ${called}`, names);
      const { title, inject, ends } = draftOf(part, topology);
      const draft = {
        name,
        title,
        objective: 'Users notice it for less than a second.',
        opening: [
          `Made by "faildrill coverage --generate": no scenario drilled this failure by itself.`,
          'Before it is worth something: are these the hosts that matter, and these the limits?',
        ],
        inject,
        ends,
        variables,
      };
      return { name, text: (lab: string) => writeDraft(lab, draft) };
    });
}

/** A name that scenarios can have, and none has yet. */
function uniqueName(text: string, names: Set<string>): string {
  const plain = text.replace(/[^\w]+/g, '-').replace(/^-|-$/g, '');
  const name = /^[A-Za-z]/.test(plain) ? plain : `lab-${plain}`;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (names.has(candidate)) continue;
    names.add(candidate);
    return candidate;
  }
}

function draftOf(part: Part, topology: Topology) {
  if (part.kind === 'link') {
    const ends = distantPair(topology);
    const { link } = findLink(topology.links, part.name)!;
    return {
      title: `The link ${part.name} is cut`,
      inject: ['inject: link-cut', `link: ${linkWithHint(topology, ends, link)}`],
      ends,
    };
  }
  if (part.kind === 'node') {
    const ends = pairWithout(topology, part.name);
    // What measures lives in the network of its node, which goes with the power.
    return ends.includes(part.name)
      ? { title: `${part.name} hangs`, inject: ['inject: node-pause', `node: ${yaml(part.name)}`], ends }
      : {
          title: `${part.name} loses its power`,
          inject: ['inject: node-stop', `node: ${yaml(part.name)}`],
          ends,
        };
  }
  const process = [`node: ${yaml(part.node)}`, `process: ${yaml(part.name)}`];
  const ends = distantPair(topology);
  return part.isRestarted
    ? {
        title: `${part.name} on ${part.node} is killed`,
        inject: ['inject: process-kill', ...process, 'within: 60s   # that something else starts it again'],
        ends,
      }
    : {
        title: `${part.name} on ${part.node} hangs`,
        inject: ['inject: process-pause   # process-kill needs to be told how to start it again', ...process],
        ends,
      };
}

/** Hosts of which none is this one, where there are two others. */
function pairWithout(topology: Topology, node: string): [string, string] {
  try {
    return distantPair(topology, node);
  } catch {
    return distantPair(topology);
  }
}
