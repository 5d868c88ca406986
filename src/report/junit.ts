import junitReportBuilder, { type Builder, type TestSuite } from 'junit-report-builder';
import type { DrillResult, TargetResult } from '../analysis/result.js';
import type { ReportFormat } from './report.js';
import { formatLimit, formatMeasurement } from './words.js';
import { legalXml } from './xml.js';

// Its types speak of a default export; what it exports is the builder itself.
const factory = junitReportBuilder as unknown as Builder;

const message = (target: TargetResult): string =>
  legalXml(`measured ${formatMeasurement(target.measured, target.unit)}, limit ${formatLimit(target)}`);

/** A file of test suites that has none yet. */
export const newJunit = (): Builder => factory.newBuilder();

/** Adds a drill as a test suite. */
export function addSuite(builder: Builder, result: DrillResult): TestSuite {
  const suite = builder
    .testSuite()
    .name(legalXml(result.name))
    .timestamp(result.started)
    .time(result.lasted / 1e9);
  suite.property('verdict', result.verdict);
  suite.property('reason', legalXml(result.reason));
  for (const target of result.targets) {
    const test = suite
      .testCase()
      .className(legalXml(result.name))
      .name(legalXml(target.text))
      .standardOutput(message(target));
    if (target.verdict === 'fail') test.failure(message(target), 'target missed');
    // What could not be decided did not pass.
    if (target.verdict === 'inconclusive') test.error(message(target), 'inconclusive');
  }
  // The verdict has a case of its own: a drill can fail with every target met, where a check failed or it was aborted.
  const verdict = suite.testCase().className(legalXml(result.name)).name('verdict');
  const why = legalXml([result.reason, ...result.failures, ...result.problems].join('\n'));
  if (result.verdict === 'fail') verdict.failure(why, 'drill failed');
  if (result.verdict === 'inconclusive') verdict.error(why, 'inconclusive');
  return suite;
}

function render(result: DrillResult): string {
  const builder = newJunit();
  addSuite(builder, result);
  return builder.build();
}

/** One test case a target, with the measured value and its bounds, and one for the verdict, for CI systems. */
export const junit: ReportFormat = {
  name: 'junit',
  description: 'one test case a target and one for the verdict, for CI systems',
  file: 'junit.xml',
  render,
};
