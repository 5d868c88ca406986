import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyze } from '../analysis/analyze.js';
import type { Measurement } from '../analysis/measurement.js';
import { runDrill } from '../drill/run-drill.js';
import type { Calibration, Event } from '../recording/events.js';
import { readRecording } from '../recording/reader.js';
import { CannotRun } from '../runtime/errors.js';
import type { Runtime } from '../runtime/runtime.js';
import { loadScenario } from '../scenario/load.js';

/** Lengths of the cuts, nanoseconds: no multiples of the probe's interval. */
const LENGTHS = [10.3e6, 50.7e6, 200.3e6, 1000.7e6, 2000.3e6];

const TOPOLOGY = `name: calibration
topology:
  kinds: { linux: { image: faildrill/host } }
  nodes: { a: , b: }
  links: [{ endpoints: [a:eth1, b:eth1], ipv4: [10.0.1.1/24, 10.0.1.2/24] }]
`;

/** A cut of known length, and what was measured of it; nanoseconds. */
export interface Cut {
  nominal: number;
  /** Its true length lies between these: the brackets round the kernel calls. */
  truth: { lower: number; upper: number };
  measured: Measurement;
}

/**
 * Measures outages of known length in a lab of two hosts: how wrong the instrument is on this machine.
 * @param repeat how often each length is cut
 * @throws CannotRun where the machine was too busy for a valid trial
 */
export async function calibrate(options: {
  repeat: number;
  runtime: Runtime;
  notice?: (event: Event) => void;
}): Promise<{ cuts: Cut[]; calibration: Calibration }> {
  const { repeat, runtime, notice } = options;
  const folder = mkdtempSync(join(tmpdir(), 'faildrill-calibration-'));
  try {
    const nominals = Array.from({ length: repeat }, () => LENGTHS).flat();
    writeFileSync(join(folder, 'pair.clab.yml'), TOPOLOGY);
    const file = join(folder, 'calibration.drill.yml');
    writeFileSync(file, scenarioOf(nominals));
    const scenario = loadScenario(file);
    const { recording } = await runDrill({ scenario, runtime, reports: folder, ...(notice && { notice }) });
    const events = [...readRecording(recording)];
    const { targets, trials, problems } = analyze(events);
    if (problems.length > 0) throw new CannotRun(problems.join('; '));
    if (!trials.some(({ valid }) => valid))
      throw new CannotRun(`this machine is too busy to be calibrated: ${trials[0]?.disturbances.join('; ')}`);
    const cuts = nominals.map((nominal, index) => ({
      nominal,
      truth: truthOf(events, `c${index}`),
      measured: targets[index]!.measured!,
    }));
    return { cuts, calibration: summaryOf(cuts) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function scenarioOf(nominals: readonly number[]): string {
  const steps = nominals.flatMap((length, index) => [
    `  - { inject: link-cut, link: "a:eth1 <-> b:eth1", mode: silent, as: c${index} }`,
    `  - hold: ${length / 1e6}ms`,
    `  - clear: c${index}`,
    '  - hold: 200ms',
  ]);
  const targets = nominals.map((_, index) => `  - longest_loss_period(app after c${index}) < 1h`);
  return `name: calibration
title: Outages of known length
lab: pair.clab.yml
trials: 1
validation-time: 100ms
probes:
  app: { kind: udp, from: a, to: b, interval: 1ms }
steady-state: [app loses nothing for 500ms]
steps:
${steps.join('\n')}
targets:
${targets.join('\n')}
`;
}

function truthOf(events: readonly Event[], fault: string): Cut['truth'] {
  // A trial that was repeated is the last one.
  const [cut, clear] = (['inject', 'clear'] as const).map((action) => {
    const found = events.findLast(
      (event) => event.k === 'fault' && event.fault === fault && event.action === action,
    );
    if (found?.k !== 'fault') throw new Error(`the recording has no ${action} of ${fault}`);
    return found;
  });
  return { lower: clear!.before - cut!.after, upper: clear!.after - cut!.before };
}

/** How far what was measured is from the middle of where the truth is. */
export const errorOf = ({ truth, measured }: Cut): number => measured.value - (truth.lower + truth.upper) / 2;

/** Whether the stated bounds contradict the truth. */
export const isOutside = ({ truth, measured }: Cut): boolean =>
  measured.lower > truth.upper || measured.upper < truth.lower;

function summaryOf(cuts: readonly Cut[]): Calibration {
  const sizes = cuts.map((cut) => Math.abs(errorOf(cut))).sort((a, b) => a - b);
  return {
    at: new Date().toISOString(),
    cuts: cuts.length,
    median: sizes[sizes.length >> 1]!,
    largest: sizes.at(-1)!,
    outside: cuts.filter(isOutside).length,
  };
}
