import { CleanUp } from '../cleanup.js';
import type { Clock } from '../linux/clock.js';
import { listAddresses } from '../linux/links.js';
import { insideNetwork } from '../linux/namespaces.js';
import { Netlink } from '../linux/netlink.js';
import type { ProbeData, ProbeEnd, ProbeSetup, StreamData } from '../probes/probe.js';
import { type Observation, startProbes } from '../probes/prober.js';
import { type Probe, probeKind } from '../probes/registry.js';
import { CannotRun } from '../runtime/errors.js';
import type { Lab, Node } from '../runtime/runtime.js';
import type { Scenario } from '../scenario/schema.js';
import { confidentialProbes } from '../scenario/target.js';
import { startHealthTap } from '../taps/health.js';
import { startLeakTap } from '../taps/leak.js';
import { startPathTap } from '../taps/path.js';
import { startStandstillTap } from '../taps/standstill.js';
import { isTransit } from '../topology/topology.js';
import { startWatches } from '../watches/watcher.js';
import type { Recorder } from './recorder.js';

/**
 * Arms everything that measures: the path tap, the watches, the probes. What they see goes to the recorder.
 * @param fail told when an instrument breaks
 */
export async function armInstruments(options: {
  lab: Lab;
  scenario: Scenario;
  clock: Clock;
  tag: number;
  recorder: Recorder;
  fail: (error: Error) => void;
}): Promise<AsyncDisposable> {
  const { lab, scenario, clock, tag, recorder, fail } = options;
  const { anchor } = clock;
  await using armed = new CleanUp();
  const links = [...lab.links.values()];
  armed.use(
    await startPathTap({ anchor, links, fail, observe: (bins) => recorder.add({ k: 'links', ...bins }) }),
  );
  armed.use(
    await startStandstillTap({
      anchor,
      fail,
      observe: ({ at: t, ...stood }) => recorder.add({ k: 'standstills', t, ...stood }),
    }),
  );
  armed.defer(
    startHealthTap({
      clock,
      nodes: [...lab.nodes.values()],
      observe: (health) => recorder.add({ k: 'health', ...health }),
    }),
  );
  const confidential = confidentialProbes(scenario.targets);
  const names = Object.keys(scenario.probes);
  if (confidential.length > 0)
    armed.use(
      await startLeakTap({
        anchor,
        tag,
        links: links.filter(({ name }) => isTransit(lab.topology, name)),
        fail,
        observe: ({ at: t, leaks: seen, dropped }) => {
          const leaks = seen.map((leak) => ({ ...leak, probe: names[leak.probe] ?? '' }));
          const wrong = leaks.filter(({ probe }) => confidential.includes(probe));
          recorder.add({ k: 'captured', t, leaks: wrong, dropped });
        },
      }),
    );
  armed.use(
    await startWatches({
      lab,
      clock,
      watches: scenario.watches,
      fail,
      signal: (watch, signal) => recorder.add({ k: 'signal', watch, ...signal }),
    }).catch((error: Error) => {
      throw new CannotRun(`cannot start ${error.message}`, { cause: error });
    }),
  );
  const setups = Object.entries(scenario.probes).map(([id, parameters], index) =>
    setup({ id, parameters, index, tag, lab }),
  );
  // The streams must be known before the first of what they saw.
  const early: Observation[] = [];
  let observe = (observation: Observation): void => {
    early.push(observation);
  };
  const prober = armed.use(
    await startProbes({ anchor, setups, nodes: lab.nodes, observe: (seen) => observe(seen), fail }).catch(
      (error: Error) => {
        throw new CannotRun(`cannot start ${error.message}`, { cause: error });
      },
    ),
  );
  const probes = Object.fromEntries(
    Object.entries(scenario.probes).map(([id, parameters]) => {
      const { name: kind, families, interval } = probeKind(parameters);
      return [id, { kind, families, interval: interval(parameters as never), streams: prober.streams[id]! }];
    }),
  );
  recorder.add({ k: 'probes', t: clock.now(), scheduling: prober.scheduling, probes });
  observe = (observation) => record(recorder, observation);
  for (const observation of early) observe(observation);
  return armed.move();
}

const nodeOf = (lab: Lab, name: string): Node => lab.nodes.get(name)!;

function setup(options: {
  id: string;
  parameters: Probe;
  index: number;
  tag: number;
  lab: Lab;
}): Omit<ProbeSetup<Probe>, 'start'> {
  const { lab, parameters, ...rest } = options;
  return {
    ...rest,
    parameters,
    from: placeOf(nodeOf(lab, parameters.from)),
    to: end(nodeOf(lab, parameters.to), parameters.address),
  };
}

function placeOf({ name: node, network, files }: Node) {
  if (network === undefined || files === undefined)
    throw new CannotRun(`node "${node}" has no power, but a probe starts or ends there`);
  return { node, network, files };
}

/** A node to send to; its address is the one given, or its only one that reaches beyond a link. */
function end(node: Node, wanted?: string): ProbeEnd {
  const place = placeOf(node);
  const addresses = insideNetwork(place.network, () => {
    using netlink = new Netlink();
    return listAddresses(netlink);
  });
  const all = addresses.filter(({ scope }) => scope === 0);
  const fitting =
    wanted === undefined
      ? all.filter(({ family }) => family === 4 || all.every((other) => other.family === 6))
      : all.filter(({ address }) => address === wanted);
  const [only, second] = fitting;
  if (only && !second) return { ...place, address: only.address };
  const { node: name } = place;
  const list = all.map(({ address }) => address).join(', ') || 'none';
  throw new CannotRun(
    wanted === undefined
      ? `a probe needs to know which address of "${name}" to use; it has ${list}`
      : `node "${name}" does not have the address ${wanted}; it has ${list}`,
    { hint: 'say it with "address:" in the probe' },
  );
}

function record(recorder: Recorder, { at, probes, thread }: Observation) {
  let dropped = 0;
  let foreign = 0;
  for (const [id, data] of Object.entries(probes)) {
    dropped += data.dropped;
    foreign += data.foreign;
    for (const stream of data.streams)
      recorder.add({ k: 'packets', p: id, s: stream.stream, ...compact(stream) });
    for (const { stream: s, ...bins } of data.transfers ?? [])
      recorder.add({ k: 'transfer', p: id, s, ...bins, ...(bins.rtt && { rtt: microseconds(bins.rtt) }) });
    for (const event of (data as ProbeData).sessions) recorder.add({ k: 'session', probe: id, ...event });
  }
  if (thread) recorder.add({ k: 'prober', t: at, ...thread, dropped, foreign });
  else for (const probe of Object.keys(probes)) recorder.add({ k: 'clients', t: at, probe });
  recorder.flush();
}

const microseconds = (values: readonly number[]) => values.map((value) => Math.round(value / 1000));

/** A stream's data as it is written down: whole microseconds, empty lists left out. */
function compact({ first, late, refused, runs, after, corrupted }: StreamData) {
  return {
    first,
    ...(late.length > 0 && { late: microseconds(late) }),
    ...(refused.length > 0 && { refused }),
    ...(runs.length > 0 && { runs, after: microseconds(after) }),
    ...(corrupted.length > 0 && { corrupted }),
  };
}
