import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Clock } from '../../src/linux/clock.js';
import type { ProbeEnd, StreamData } from '../../src/probes/probe.js';
import { type Observation, startProbes } from '../../src/probes/prober.js';
import { probeSchema } from '../../src/probes/registry.js';
import type { Lab } from '../../src/runtime/runtime.js';
import { sh } from './labs.js';

const end = (lab: Lab, node: string, address: string): ProbeEnd => ({
  node,
  network: lab.nodes.get(node)!.network!,
  files: lab.nodes.get(node)!.files!,
  address,
});

/** Runs one probe, named "it", from a to b while something happens; returns all that it saw. */
export async function probe(
  { lab, clock }: { lab: Lab; clock: Clock },
  parameters: Record<string, unknown>,
  happening: (seen: Observation[]) => Promise<unknown>,
): Promise<Observation[]> {
  const seen: Observation[] = [];
  const setup = {
    id: 'it',
    index: 0,
    tag: 7,
    parameters: probeSchema.parse({ from: 'a', to: 'b', ...parameters }),
    from: end(lab, 'a', '10.0.1.1'),
    to: end(lab, 'b', '10.0.1.2'),
  };
  const started = await startProbes({
    anchor: clock.anchor,
    setups: [setup],
    nodes: lab.nodes,
    observe: (observation) => seen.push(observation),
    fail: (error) => {
      throw error;
    },
  });
  try {
    await happening(seen);
    await sleep(300);
  } finally {
    await started[Symbol.asyncDispose]();
  }
  return seen;
}

/** What a stream did. */
export const streams = (seen: Observation[], stream: number): StreamData[] =>
  seen.flatMap(({ probes }) => probes.it?.streams ?? []).filter((data) => data.stream === stream);

/** Numbers that it sent, and those that it received. */
export const sent = (seen: Observation[], stream: number): number[] =>
  streams(seen, stream).flatMap(({ first, late }) => late.map((_, index) => first + index));
export const received = (seen: Observation[], stream: number): number[] =>
  streams(seen, stream).flatMap(({ runs }) => runs.flatMap(([first, count]) => numbers(first, count)));

/** Why those failed that did, by number. */
export const reasons = (seen: Observation[], stream: number): Map<number, string> =>
  new Map(
    streams(seen, stream).flatMap(({ refused }) =>
      refused.flatMap(([first, count, why]) =>
        numbers(first, count).map((number): [number, string] => [number, why]),
      ),
    ),
  );

/** From when each was due until it was received, shortest first. */
export const delays = (seen: Observation[], stream: number): number[] =>
  streams(seen, stream)
    .flatMap(({ after }) => after)
    .sort((x, y) => x - y);

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
export const inSequence = (all: number[]): boolean =>
  all.every((number, index) => number === all[0]! + index);

/** A command line for a node: listens on the first TCP port of a probe as soon as it is free, for a while. */
export const TAKE_PORT = `timeout 15 python3 -c "
import socket, time
s = socket.socket(2, 1)
s.setsockopt(1, 2, 1)
while True:
  try: s.bind(('0.0.0.0', 30000)); s.listen(); break
  except OSError: pass
time.sleep(4)"`;

/** A command line that ends when somebody listens there. */
const UNTIL_TAKEN = 'until ss -Hltn sport = :30000 | grep -q .; do sleep 0.05; done';

/** Expects a probe to b to say that another program has its port. */
export async function expectPortTaken(lab: Lab, start: () => Promise<unknown>): Promise<void> {
  const taken = sh(lab, 'b', TAKE_PORT);
  await sh(lab, 'b', UNTIL_TAKEN);
  await expect(start()).rejects.toThrow('probe "it": bind 0.0.0.0 port 30000: EADDRINUSE');
  await taken;
}
