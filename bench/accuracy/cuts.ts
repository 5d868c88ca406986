import {
  analyze,
  type DrillResult,
  type Event,
  type Lab,
  loadScenario,
  type Measurement,
  namespaceRuntime,
  type Runtime,
  readRecording,
  runDrill,
} from 'faildrill';
import { writePairScenario } from '../pair.js';
import { type Answer, outageOf, type Peer, type PeerOutage, startPeers } from './peers.js';

const MS = 1e6;

/** What is measured, as targets of the scenario ask for it. */
export const FIGURES = [
  'longest_loss_period(app)',
  'longest_loss_period(single)',
  'loss_of_connectivity(app)',
  'loss_of_connectivity(single)',
  'longest_loss_period(five)',
  'longest_loss_period(twenty)',
] as const;
export type Figure = (typeof FIGURES)[number];

/** A cut of known length, and what everybody made of it; nanoseconds. */
export interface Cut {
  nominal: number;
  /** Its true length lies between these: the brackets round the kernel calls. */
  truth: { lower: number; upper: number };
  figures: Record<Figure, Measurement>;
  peers: Record<string, PeerOutage>;
}

/** What came of a drill. */
export interface Drilled {
  cuts: Cut[];
  /** Trials that faildrill itself calls invalid: nothing is claimed of them. */
  invalid: string[];
}

/** A drill that cuts the only link of a lab for known lengths, while other tools probe it too. */
export async function drillCuts(options: {
  folder: string;
  lengths: readonly { nominal: number; length: number; pause: number }[];
}): Promise<Drilled> {
  const { folder, lengths } = options;
  const scenario = loadScenario(writePairScenario(folder, 'accuracy', scenarioOf(lengths)));
  let peers: Peer[] = [];
  const answers: Record<string, Answer[]> = {};
  // The lab as a drill gets it, with the other tools in it.
  const runtime: Runtime = {
    ...namespaceRuntime,
    async deploy(deployment) {
      const lab: Lab = await namespaceRuntime.deploy(deployment);
      peers = await startPeers(lab);
      const down = lab[Symbol.asyncDispose].bind(lab);
      lab[Symbol.asyncDispose] = async () => {
        for (const peer of peers) answers[peer.name] = await peer.end();
        await down();
      };
      return lab;
    },
  };
  const { recording } = await runDrill({ scenario, runtime, reports: folder });
  const events = [...readRecording(recording)];
  const result = analyze(events);
  const invalid = result.trials.flatMap(({ valid, disturbances }) =>
    valid ? [] : [disturbances.join('; ')],
  );
  if (result.problems.length > 0) throw new Error(result.problems.join('; '));
  if (!result.trials.some(({ valid }) => valid)) return { cuts: [], invalid };
  return {
    cuts: lengths.map(({ nominal }, index) => cutOf({ nominal, name: `c${index}`, events, result, answers })),
    invalid,
  };
}

function scenarioOf(lengths: readonly { length: number; pause: number }[]): string {
  const ms = (nanoseconds: number) => `${(nanoseconds / MS).toFixed(3)}ms`;
  const steps = lengths.flatMap(({ length, pause }, index) => [
    `  - { inject: link-cut, link: "a:eth1 <-> b:eth1", mode: silent, as: c${index} }`,
    `  - hold: ${ms(length)}`,
    `  - clear: c${index}`,
    `  - hold: ${ms(pause)}`,
  ]);
  const targets = lengths.flatMap((_, index) =>
    FIGURES.map((figure) => `  - ${figure.replace(')', ` after c${index})`)} < 10s`),
  );
  return `validation-time: 100ms
probes:
  app: { kind: udp, from: a, to: b, interval: 1ms }
  single: { kind: udp, from: a, to: b, flows: 1, interval: 1ms }
  five: { kind: udp, from: a, to: b, flows: 1, interval: 5ms }
  twenty: { kind: udp, from: a, to: b, flows: 1, interval: 20ms }
steady-state: [app loses nothing for 500ms, single loses nothing for 500ms]
steps:
${steps.join('\n')}
targets:
${targets.join('\n')}
`;
}

/** How far from a cut other tools' answers may lie that belong to it. */
const MARGIN = 60 * MS;

function cutOf(options: {
  nominal: number;
  name: string;
  events: readonly Event[];
  result: DrillResult;
  answers: Record<string, Answer[]>;
}): Cut {
  const { nominal, name, events, result, answers } = options;
  // A trial that was repeated is the last one.
  const event = (action: 'inject' | 'clear') => {
    const found = events.findLast(
      (event) => event.k === 'fault' && event.fault === name && event.action === action,
    );
    if (found?.k !== 'fault') throw new Error(`the recording has no ${action} of ${name}`);
    return found;
  };
  const [inject, clear] = [event('inject'), event('clear')];
  const start = Date.parse(result.started) * MS;
  const window = { from: start + inject.before - MARGIN, to: start + clear.after + MARGIN };
  const figure = (wanted: Figure) => {
    const text = `${wanted.replace(')', ` after ${name})`)} < 10s`;
    return result.targets.find((target) => target.text === text)!.trials[0]!.measurement;
  };
  return {
    nominal,
    truth: { lower: clear.before - inject.after, upper: clear.after - inject.before },
    figures: Object.fromEntries(FIGURES.map((name) => [name, figure(name)])) as Cut['figures'],
    peers: Object.fromEntries(Object.entries(answers).map(([peer, all]) => [peer, outageOf(all, window)])),
  };
}
