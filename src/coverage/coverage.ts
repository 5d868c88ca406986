import type { LoadedScenario } from '../scenario/load.js';
import type { Topology } from '../topology/topology.js';
import { type Manner, takingsOf } from './drilled.js';
import { type DaemonOfNode, isTaken, type Part, partName, partOf, partsOf } from './parts.js';

/** A lab as one of its scenarios, or nobody, has it: with one set of values for its topology file's variables. */
export interface LabVariant {
  topology: Topology;
  daemons: readonly DaemonOfNode[];
  /** Values of the topology file's variables. */
  variables: Record<string, string>;
  /** The scenario that has it so; nothing for the topology file alone. */
  scenario?: LoadedScenario;
}

/** How well a single failure is drilled: by itself in some scenario; only together with another; only in part; or never. */
export type CoverageState = 'drilled' | 'with others' | 'in part' | 'never';

/** A scenario that breaks a part. */
export interface Drilling {
  /** Name of the scenario. */
  scenario: string;
  /** Kind of the fault. */
  fault: string;
  manner: Manner;
}

/** A single failure, and what drills it. */
export interface Failure {
  part: Part;
  /** As people call it. */
  name: string;
  state: CoverageState;
  drillings: Drilling[];
  /** The variables with which the lab has this part. */
  variables: Record<string, string>;
}

/** The single failures of a lab, and what drills them. */
export interface LabCoverage {
  /** Name of the lab. */
  lab: string;
  topology: Topology;
  failures: Failure[];
}

/** Which single failures of each lab are drilled by which scenarios. Variants of one topology file are one lab, with the parts of all of them. */
export function coverageOf(variants: readonly LabVariant[]): LabCoverage[] {
  const files = [...new Set(variants.map(({ topology }) => topology.file))];
  return files.map((file) => coverageOfLab(variants.filter(({ topology }) => topology.file === file)));
}

function coverageOfLab(variants: readonly LabVariant[]): LabCoverage {
  // What the lab has as it is comes first, what only a variant has after that.
  const byFewest = [...variants].sort((a, b) => size(a.variables) - size(b.variables));
  const parts = new Map<string, { part: Part; variables: Record<string, string> }>();
  for (const { topology, daemons, variables } of byFewest)
    for (const part of partsOf(topology, daemons)) add(parts, part, variables);
  const takings = variants.flatMap(({ scenario, variables }) =>
    scenario
      ? takingsOf(scenario).map((taking) => ({ ...taking, name: scenario.scenario.name, variables }))
      : [],
  );
  for (const { loss, variables } of takings) {
    const isKnown = [...parts.values()].some(({ part }) => isTaken(part, loss));
    const own = isKnown ? undefined : partOf(loss);
    if (own) add(parts, own, variables);
  }
  const failures = [...parts.values()].map(({ part, variables }): Failure => {
    const drillings = takings
      .filter(({ loss }) => isTaken(part, loss))
      .map(({ name: scenario, fault, manner }) => ({ scenario, fault, manner }));
    return {
      part,
      name: partName(part),
      state: stateOf(drillings),
      drillings: distinct(drillings),
      variables,
    };
  });
  const { topology } = byFewest[0]!;
  return { lab: topology.name, topology, failures: failures.sort(byKind) };
}

const size = (variables: Record<string, string>) => Object.keys(variables).length;

function add(
  parts: Map<string, { part: Part; variables: Record<string, string> }>,
  part: Part,
  variables: Record<string, string>,
) {
  const key = `${part.kind} ${partName(part)}`;
  if (!parts.has(key)) parts.set(key, { part, variables });
}

const KINDS: readonly Part['kind'][] = ['link', 'node', 'daemon'];
const byKind = (one: Failure, other: Failure) =>
  KINDS.indexOf(one.part.kind) - KINDS.indexOf(other.part.kind);

/** The best that any scenario does counts. */
function stateOf(drillings: readonly Drilling[]): CoverageState {
  const manners = drillings.map(({ manner }) => manner);
  if (manners.includes('alone')) return 'drilled';
  return (['with others', 'in part'] as const).find((manner) => manners.includes(manner)) ?? 'never';
}

/** A scenario that breaks the same part again in the same manner says nothing new. */
const distinct = (drillings: readonly Drilling[]): Drilling[] => [
  ...new Map(drillings.map((one) => [`${one.scenario} ${one.fault} ${one.manner}`, one])).values(),
];
