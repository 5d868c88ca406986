import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrillData } from '../analysis/drill-data.js';
import { CleanUp } from '../cleanup.js';
import { faultKind } from '../faults/registry.js';
import { ensureFolder } from '../folders.js';
import { Clock } from '../linux/clock.js';
import type { EngineName } from '../netem/registry.js';
import { type DrillOutcome, type Event, RECORDING_VERSION } from '../recording/events.js';
import { folderStamp } from '../recording/stamp.js';
import { RecordingWriter } from '../recording/writer.js';
import { CannotRun } from '../runtime/errors.js';
import type { Lab, Runtime } from '../runtime/runtime.js';
import type { LoadedScenario } from '../scenario/load.js';
import { asksPeople as asksPeopleBy } from '../scenario/operators.js';
import { actingSteps } from '../scenario/schema.js';
import { phaseOf, watchKind } from '../watches/registry.js';
import { Observer } from './conditions.js';
import { Aborted, Interrupted } from './errors.js';
import { digest, environmentFacts, topologyFiles } from './facts.js';
import { Impairments } from './impairments.js';
import { armInstruments } from './instruments.js';
import type { OperatorDesk } from './operator-desk.js';
import { Recorder } from './recorder.js';
import { LOOK_MS, type Stage } from './stage.js';
import { recordEffect } from './steps.js';
import { runTrial } from './trial.js';
import { UndoStack } from './undo.js';

/** How a drill is to be run. */
export interface DrillOptions {
  scenario: LoadedScenario;
  runtime: Runtime;
  /** Folder to make the drill's own folder in. */
  reports: string;
  /** Aborting it ends the drill early: it heals and keeps what was seen. */
  signal?: AbortSignal;
  /** Told of everything that is recorded. */
  notice?: (event: Event) => void;
  /** What impairs packets, instead of the first engine that can. */
  netem?: EngineName | undefined;
  /** Asked after each trial where the scenario says `until-decided`: whether that is so. Without it there are as many trials as there may be. */
  isDecided?: (data: DrillData) => boolean;
  /** Those who are drilled. Without them, or where they are not to be asked, what people were to do is recorded as not done. */
  operators?: OperatorDesk | undefined;
  /** Handed what looks at the running drill, once its probes are armed. */
  watched?: (observer: Observer) => void;
  /** Command that reproduces the drill, for the report. */
  command?: string[];
}

/** Where a drill left what it saw, and how it ended. */
export interface DrillEnd {
  folder: string;
  recording: string;
  outcome: DrillOutcome;
}

/**
 * Runs a drill: brings the lab up, arms the instruments, passes through the trials, heals, takes the lab down.
 * What it saw is in the recording; `analyze` judges it.
 * @throws CannotRun where the lab cannot be brought up, or the recording cannot be written
 */
export async function runDrill(options: DrillOptions): Promise<DrillEnd> {
  const { scenario: loaded, runtime, reports, notice = () => {} } = options;
  const clock = new Clock();
  const folder = makeFolder(reports, loaded.scenario.name, clock);
  const path = join(folder, 'recording.ndjson');
  using writer = new RecordingWriter(path);
  const recorder = new Recorder(writer, notice);
  describe(recorder, clock, options);
  const early = new AbortController();
  options.signal?.addEventListener('abort', () => early.abort(new Interrupted('interrupted')), {
    once: true,
  });
  let outcome: DrillOutcome = 'failed';
  const { operators } = options;
  const asksPeople = operators?.asks ?? false;
  if (operators || asksPeopleBy(loaded.scenario))
    recorder.add({ k: 'operators', t: clock.now(), asked: asksPeople });
  operators?.open({ recorder, clock });
  try {
    await using lab = await runtime.deploy({ topology: loaded.topology, clock });
    recorder.add({ k: 'lab', runtime: runtime.name, ...lab.deployed });
    const { netem, isDecided = () => false, watched = () => {} } = options;
    outcome = await drill({ lab, clock, recorder, early, loaded, netem, isDecided, asksPeople, watched });
  } finally {
    operators?.close();
    recorder.add({ k: 'end', t: clock.now(), outcome });
    recorder.seal();
  }
  if (recorder.broken) throw recorder.broken;
  return { folder, recording: path, outcome };
}

/** Makes a folder for one drill: `<name>-<date>-<time>`, with a number where that exists. */
function makeFolder(reports: string, name: string, { anchor }: Clock): string {
  const stamp = folderStamp(anchor.wall);
  try {
    ensureFolder(reports);
    for (let number = 1; ; number++) {
      const folder = join(reports, `${name}-${stamp}${number === 1 ? '' : `-${number}`}`);
      try {
        mkdirSync(folder);
        return folder;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CannotRun(`cannot make a folder in ${reports}: ${code}`, {
      hint: 'choose another one with --out',
      cause: error,
    });
  }
}

/** Writes down what is going to be done, where, with what. */
function describe(recorder: Recorder, clock: Clock, { scenario: loaded, command = [] }: DrillOptions) {
  const { scenario, topology, text, file } = loaded;
  const id = basename(file).replace(/\..*$/, '');
  recorder.add({
    k: 'recording',
    version: RECORDING_VERSION,
    id: `${id}-${clock.anchor.wall}`,
    anchor: clock.anchor,
    command,
    sealed: true,
  });
  const faults = actingSteps(scenario.steps).flatMap((step) =>
    'inject' in step ? [faultKind(step).target(step as never)] : [],
  );
  const resolutions = Object.entries(scenario.watches).map(([name, watch]) => [
    name,
    watchKind(watch).resolution(watch as never),
  ]);
  recorder.add({
    k: 'scenario',
    file: { path: basename(file), sha256: digest(text) },
    text,
    scenario,
    resolutions: Object.fromEntries(resolutions),
    momentary: Object.keys(scenario.watches).filter((name) => watchKind(scenario.watches[name]!).isMomentary),
    phases: Object.fromEntries(
      Object.entries(scenario.watches).flatMap(([name, watch]) => {
        const phase = phaseOf(watch);
        return phase ? [[name, phase]] : [];
      }),
    ),
    broken: [...new Set(faults)],
  });
  recorder.add({
    k: 'topology',
    name: topology.name,
    files: topologyFiles(topology),
    nodes: [...topology.nodes.values()].map(({ name, kind, image = '', labels }) => ({
      name,
      kind,
      image,
      labels,
    })),
    links: topology.links.map(({ name, labels, ends }) => ({
      name,
      labels,
      ends: ends.map((end) => ({
        node: end.node,
        interface: end.interface,
        ...(end.ipv4 && { address: end.ipv4 }),
      })),
    })),
  });
  recorder.add({ k: 'environment', ...environmentFacts() });
  recorder.flush();
}

/** The drill itself, on a lab that is up. However it ends, it heals. */
async function drill(options: {
  lab: Lab;
  clock: Clock;
  recorder: Recorder;
  early: AbortController;
  loaded: LoadedScenario;
  netem: EngineName | undefined;
  isDecided: (data: DrillData) => boolean;
  asksPeople: boolean;
  watched: (observer: Observer) => void;
}): Promise<DrillOutcome> {
  const { lab, clock, recorder, early, loaded, isDecided, asksPeople, watched } = options;
  const { scenario } = loaded;
  const undo = new UndoStack();
  const observer = new Observer({ data: recorder.data, lab, scenario });
  const fail = (error: Error) => early.abort(error);
  recorder.onBroken = fail;
  let isLost = false;
  void lab.lost.then((error) => {
    isLost = true;
    fail(error);
  });
  lab.onNodeExit = (node, code) =>
    fail(new Error(`node ${node} went down by itself: its first process ended (${code})`));

  let outcome: DrillOutcome = 'complete';
  await using armed = new CleanUp();
  const impairments = armed.use(new Impairments());
  const stage: Stage = {
    lab,
    scenario,
    clock,
    recorder,
    observer,
    undo,
    wayOf: (way) => impairments.of(way),
    asksPeople,
    signal: early.signal,
  };
  try {
    await impairments.arm({ lab, scenario, clock, recorder, fail, wanted: options.netem });
    armed.use(await armInstruments({ lab, scenario, clock, tag: randomInt(2 ** 32), recorder, fail }));
    watched(observer);
    armed.defer(watchAbortConditions(stage, fail));
    await runTrials(stage, isDecided);
  } catch (error) {
    outcome = endingOf(error as Error, stage);
  }
  // With the lab everything that was done to it is gone.
  if (isLost) return 'failed';
  const left = await undo.heal((active, effect) => recordEffect(stage, active, 'clear', effect));
  for (const text of left) recorder.add({ k: 'problem', t: clock.now(), text: `not undone: ${text}` });
  if (left.length === 0) return outcome;
  // What could not be undone goes with the lab, where the lab goes with the drill.
  return lab.outlivesDrill ? 'uncleared' : 'failed';
}

/**
 * Looks all the time, whatever step is running, whether the drill has to be aborted; not before the lab was steady once.
 * @returns what ends the looking
 */
function watchAbortConditions({ scenario, observer, recorder }: Stage, fail: (error: Error) => void) {
  const look = () => {
    const wasSteady = recorder.data.trials.some(({ steps }) => steps.length > 0);
    const met = wasSteady && scenario['abort-if'].find((condition) => observer.holding(condition).holds);
    if (met) fail(new Aborted(met.text));
  };
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}

/** What an error means for the drill; what is no result is written down as a problem. */
function endingOf(error: Error, { recorder, clock }: Stage): DrillOutcome {
  if (error instanceof Aborted) {
    recorder.add({ k: 'abort', t: clock.now(), reason: error.message });
    return 'aborted';
  }
  if (error instanceof Interrupted) return 'interrupted';
  recorder.add({ k: 'problem', t: clock.now(), text: error.message });
  return 'failed';
}

/** Runs the trials; one whose instruments were disturbed is repeated, as often as the scenario allows. */
async function runTrials(stage: Stage, isDecided: (data: DrillData) => boolean): Promise<void> {
  const { trials, 'until-decided': until, 'invalid-trials': allowed } = stage.scenario;
  const isMoreNeeded = (trial: number) =>
    until !== undefined && trial <= until.most && !isDecided(stage.recorder.data);
  let repeats = allowed;
  for (let trial = 1; trial <= trials || isMoreNeeded(trial); trial++) {
    for (let attempt = 1; ; attempt++) {
      const outcome = await runTrial(stage, trial, attempt);
      if (outcome === 'not steady' || outcome === 'not restored') return;
      if (outcome === 'valid' || repeats-- === 0) break;
      await sleep(1000);
    }
  }
}
