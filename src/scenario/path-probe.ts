import { LEAST_RATE } from '../analysis/path.js';
import { probeKind } from '../probes/registry.js';
import type { Scenario } from './schema.js';

/** Share of a probe's packets that those of all others together may come to, so that they are not taken for it. */
const MOST_OTHERS = 0.5;

/** Packets a second that a probe causes, both directions together; those of TCP may each cost an acknowledgement. */
function rateOf(scenario: Scenario, name: string): number {
  const probe = scenario.probes[name]!;
  const kind = probeKind(probe);
  const { flows, ways } = kind.streams(probe as never);
  const packets = (flows * ways.length * 1e9) / kind.interval(probe as never);
  return kind.families.includes('sessions') ? 2 * packets : packets;
}

/** Whether the links' packet counters show which way a probe goes: it is fast, and most of the traffic. */
function showsPath(scenario: Scenario, name: string): boolean {
  const probe = scenario.probes[name];
  if (!probe || !probeKind(probe).families.includes('packets')) return false;
  const rate = rateOf(scenario, name);
  const others = Object.keys(scenario.probes).filter((other) => other !== name);
  const rest = others.reduce((sum, other) => sum + rateOf(scenario, other), 0);
  return rate >= LEAST_RATE && rest <= MOST_OTHERS * rate;
}

/** The probe whose packets tell the path: the one asked for, or the only one that can. */
export const pathProbe = (scenario: Scenario, wanted?: string): string | undefined =>
  (wanted === undefined ? Object.keys(scenario.probes) : [wanted]).find((name) => showsPath(scenario, name));

/** Why the path of a probe cannot be told. */
export const noPath = (probe: string): string =>
  `the path of ${probe} cannot be told from other traffic: a udp probe with at least ${LEAST_RATE} packets a second (flows / interval), and twice as many as all other probes together, is needed`;
