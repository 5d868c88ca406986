import type { Instant } from '../linux/clock.js';
import type { DrillData, Trial } from './drill-data.js';
import type { LabResult, MethodResult } from './result.js';
import { primaryPath, rateOf } from './reversion.js';

/** How the instruments were set and how well they worked. */
export function methodOf(data: DrillData, lateness: Lateness): MethodResult {
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
    lateness: lateness.result,
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

/** How late the senders were over all trials. */
export class Lateness {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #max = 0;

  /** Adds a trial. */
  add({ probes }: DrillData, { from, to }: Trial): void {
    for (const { streams } of probes.values()) {
      for (const stream of streams) {
        const end = stream.firstFrom(to);
        for (let number = stream.firstFrom(from); number < end; number++) {
          const late = stream.lateness(number);
          this.#buckets[Math.round(Math.log(Math.max(late, 1)) / STEP)]!++;
          this.#count++;
          if (late > this.#max) this.#max = late;
        }
      }
    }
  }

  get result(): MethodResult['lateness'] {
    return { median: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#max };
  }

  #quantile(share: number): number {
    let seen = 0;
    for (const [bucket, number] of this.#buckets.entries()) {
      seen += number;
      if (number > 0 && seen >= share * this.#count) return Math.round(Math.exp(bucket * STEP));
    }
    return 0;
  }
}

/** The lab, with what the scenario breaks and which way the probes went. */
export function labOf(data: DrillData, paths: Ways = { primary: [], backup: [], after: [] }): LabResult {
  const { topology, lab, scenario } = data;
  if (!topology) throw new Error('the recording ends before its topology');
  return {
    name: topology.name,
    runtime: lab?.runtime ?? scenario.runtime ?? 'namespace',
    nodes: topology.nodes.map(({ name, image }) => ({ name, image })),
    links: topology.links.map(({ name, ends }) => ({
      name,
      ends: ends.map(({ node, interface: port }) => ({ node, interface: port })),
    })),
    broken: data.scenarioEvent?.broken ?? [],
    ...paths,
    ...(lab && { deployed: lab.after - lab.before }),
  };
}

/** Which links carried the packet probes before, while and after something was broken. */
export type Ways = Pick<LabResult, 'primary' | 'backup' | 'after'>;

/** Links of the packet probes in a trial. */
export function pathsOf(data: DrillData, trial: Trial): Ways {
  const [primary, backup, after] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const [inject] = trial.faults;
  const clear = trial.faults.find(({ action }) => action === 'clear');
  for (const probe of data.probes.values()) {
    if (!probe.families.includes('one-way')) continue;
    const rate = rateOf(probe);
    const before = (to: Instant, since = trial.from) =>
      data.paths.carryingIn({ from: Math.max(since, to - LOOK_BACK), to }, rate);
    for (const link of primaryPath(data.paths, trial, rate)) primary.add(link);
    for (const link of before(clear?.before ?? trial.to, inject?.after)) backup.add(link);
    if (clear) for (const link of before(trial.to, clear.after)) after.add(link);
  }
  return { primary: [...primary], backup: [...backup], after: [...after] };
}

const LOOK_BACK = 1e9;
