import { LEAST_RATE, packetsEach, showsPath } from '../analysis/path.js';
import { probeKind } from '../probes/registry.js';
import type { Scenario } from './schema.js';

/** Packets a second that a probe causes, both directions together. */
function rateOf(scenario: Scenario, name: string): number {
  const probe = scenario.probes[name]!;
  const kind = probeKind(probe);
  const { flows, ways } = kind.streams(probe as never);
  return (packetsEach(kind.families) * flows * ways.length * 1e9) / kind.interval(probe as never);
}

function canShowPath(scenario: Scenario, name: string): boolean {
  const probe = scenario.probes[name];
  if (!probe || !probeKind(probe).families.includes('one-way')) return false;
  const others = Object.keys(scenario.probes).filter((other) => other !== name);
  return showsPath(
    rateOf(scenario, name),
    others.map((other) => rateOf(scenario, other)),
  );
}

/** The probe whose packets tell the path: the one asked for, or the only one that can. */
export const pathProbe = (scenario: Scenario, wanted?: string): string | undefined =>
  (wanted === undefined ? Object.keys(scenario.probes) : [wanted]).find((name) =>
    canShowPath(scenario, name),
  );

/** Why the path of a probe cannot be told. */
export const noPath = (probe: string): string =>
  `the path of ${probe} cannot be told from other traffic: a udp probe with at least ${LEAST_RATE} packets a second (flows / interval), and twice as many as all other probes together, is needed`;
