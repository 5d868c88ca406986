/**
 * faildrill as a library: load a scenario, run it, judge its recording.
 *
 *     const scenario = loadScenario('primary-isp-cut.drill.yml');
 *     const { recording } = await runDrill({ scenario, runtime: namespaceRuntime, reports: 'reports' });
 *     const { verdict, targets } = analyze(readRecording(recording));
 */
export { analyze } from './analysis/analyze.js';
export { compare } from './analysis/comparison/compare.js';
export { GATE_TRIALS, type Gate, gate } from './analysis/comparison/gate.js';
export type { Comparison } from './analysis/comparison/result.js';
export { Decider } from './analysis/decider.js';
export type { Decision } from './analysis/decision.js';
export type { Verdict } from './analysis/judge.js';
export type { Measurement } from './analysis/measurement.js';
export type {
  DrillResult,
  LabResult,
  Mark,
  MeasuredResult,
  MethodResult,
  SeriesResult,
  SessionResult,
  TargetResult,
  TransferResult,
  TrialResult,
} from './analysis/result.js';
export { formatProblem, InvalidInput, type Problem } from './document/problem.js';
export { OperatorDesk } from './drill/operator-desk.js';
export { type DrillEnd, type DrillOptions, runDrill } from './drill/run-drill.js';
export { Clock } from './linux/clock.js';
export type { DrillOutcome, Event } from './recording/events.js';
export { readRecording } from './recording/reader.js';
export { comparisonFormats } from './report/comparison/registry.js';
export { parseResult } from './report/json.js';
export { reports } from './report/registry.js';
export type { ReportFormat } from './report/report.js';
export { renderTerminal } from './report/terminal.js';
export { CannotRun, LabLost } from './runtime/errors.js';
export { namespaceRuntime } from './runtime/namespace/index.js';
export { attachedRuntime, type RuntimeName, runtimeFor, runtimes } from './runtime/registry.js';
export type { Lab, Link, Node, Runtime } from './runtime/runtime.js';
export { scenarioJsonSchema } from './scenario/json-schema.js';
export { type LoadedScenario, loadScenario } from './scenario/load.js';
export type { Scenario } from './scenario/schema.js';
export { loadTopology } from './topology/load.js';
export type { Topology, TopologyLink, TopologyNode } from './topology/topology.js';
