import type { DrillData, Trial } from './drill-data.js';
import type { LabResult, MethodResult } from './result.js';
import { primaryPath, rateOf } from './reversion.js';

/** How the instruments were set and how well they worked. */
export function methodOf(data: DrillData): MethodResult {
  const { scenario, probes, prober, scheduling } = data;
  const last = prober.at(-1);
  const time = last && prober[0] ? last.t - prober[0].t : 0;
  return {
    scheduling,
    probes: [...probes.values()].map(({ id, kind, interval, streams }) => {
      const { from, to } = scenario.probes[id]!;
      return { probe: id, kind, interval, streams: streams.length, from, to };
    }),
    watches: Object.entries(scenario.watches).map(([watch, parameters]) => ({
      watch,
      kind: parameters.kind,
      resolution: data.scenarioEvent?.resolutions[watch] ?? 0,
    })),
    threshold: scenario['forwarding-delay-threshold'],
    validation: scenario['validation-time'],
    lateness: latenessOf(data),
    dropped: last?.dropped ?? 0,
    foreign: prober.reduce((sum, { foreign }) => sum + foreign, 0),
    ...(data.netem !== undefined && {
      netem: { engine: data.netem, late: Math.max(0, ...data.relay.map(({ worst }) => worst)) },
    }),
    processor: time > 0 ? (last!.run - prober[0]!.run) / time : 0,
  };
}

/** Buckets of a histogram with two per cent between neighbours: enough for a median of millions, and for any lateness. */
const STEP = Math.log(1.02);
const BUCKETS = 2048;

function latenessOf({ probes, trials }: DrillData): MethodResult['lateness'] {
  const buckets = new Float64Array(BUCKETS);
  let count = 0;
  let max = 0;
  for (const { from, to } of trials) {
    for (const { streams } of probes.values()) {
      for (const stream of streams) {
        const end = stream.firstFrom(to);
        for (let number = stream.firstFrom(from); number < end; number++) {
          const late = stream.lateness(number);
          buckets[Math.round(Math.log(Math.max(late, 1)) / STEP)]!++;
          count++;
          if (late > max) max = late;
        }
      }
    }
  }
  const quantile = (share: number) => {
    let seen = 0;
    for (const [bucket, number] of buckets.entries()) {
      seen += number;
      if (number > 0 && seen >= share * count) return Math.round(Math.exp(bucket * STEP));
    }
    return 0;
  };
  return { median: quantile(0.5), p99: quantile(0.99), max };
}

/** The lab, with what the scenario breaks and which way the probes went. */
export function labOf(data: DrillData): LabResult {
  const { topology, lab, scenario } = data;
  if (!topology) throw new Error('the recording ends before its topology');
  const trial = data.trials.find(({ complete }) => complete);
  return {
    name: topology.name,
    runtime: lab?.runtime ?? scenario.runtime,
    nodes: topology.nodes.map(({ name, image }) => ({ name, image })),
    links: topology.links.map(({ name, ends }) => ({
      name,
      ends: ends.map(({ node, interface: port }) => ({ node, interface: port })),
    })),
    broken: data.scenarioEvent?.broken ?? [],
    ...(trial ? pathsOf(data, trial) : { primary: [], backup: [] }),
    ...(lab && { deployed: lab.after - lab.before }),
  };
}

/** Links of the packet probes before the first fault, and shortly before it was cleared. */
function pathsOf(data: DrillData, trial: Trial): Pick<LabResult, 'primary' | 'backup'> {
  const primary = new Set<string>();
  const backup = new Set<string>();
  const clear = trial.faults.find(({ action }) => action === 'clear')?.before;
  for (const probe of data.probes.values()) {
    if (!probe.families.includes('one-way')) continue;
    const rate = rateOf(probe);
    for (const link of primaryPath(data.paths, trial, rate)) primary.add(link);
    if (clear === undefined) continue;
    for (const link of data.paths.carryingIn({ from: clear - LOOK_BACK, to: clear }, rate)) backup.add(link);
  }
  return { primary: [...primary], backup: [...backup] };
}

const LOOK_BACK = 1e9;
