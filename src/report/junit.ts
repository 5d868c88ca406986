import junitReportBuilder, { type Builder } from 'junit-report-builder';
import type { DrillResult, TargetResult } from '../analysis/result.js';
import type { ReportFormat } from './report.js';
import { formatLimit, formatMeasurement } from './words.js';
import { legalXml } from './xml.js';

// Its types speak of a default export; what it exports is the builder itself.
const factory = junitReportBuilder as unknown as Builder;

const message = (target: TargetResult): string =>
  legalXml(`measured ${formatMeasurement(target.measured, target.unit)}, limit ${formatLimit(target)}`);

function render(result: DrillResult): string {
  const builder = factory.newBuilder();
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
  for (const [index, text] of result.failures.entries()) {
    suite
      .testCase()
      .className(legalXml(result.name))
      .name(`expectation ${index + 1}`)
      .failure(legalXml(text), 'not as expected');
  }
  for (const [index, text] of result.problems.entries()) {
    suite
      .testCase()
      .className(legalXml(result.name))
      .name(`drill ${index + 1}`)
      .error(legalXml(text), 'problem');
  }
  return builder.build();
}

/** One test case a target, with the measured value and its bounds, for CI systems. */
export const junit: ReportFormat = {
  name: 'junit',
  description: 'one test case a target, for CI systems',
  file: 'junit.xml',
  render,
};
