import type { DrillResult } from '../analysis/result.js';
import { drillFamilies } from './metrics/drill-families.js';
import { type Family, joined, sampleLines, sampleName } from './metrics/family.js';
import type { ReportFormat } from './report.js';

/** Name of a family: that of its samples, but for what only holds labels. */
const familyName = ({ isInfo, ...family }: Family): string => sampleName(family);

/** When the drill ended, as Unix time in seconds. */
const endOf = ({ started, lasted }: DrillResult): string =>
  ((Date.parse(started) + lasted / 1e6) / 1000).toFixed(3);

/** Drills in one file, each sample of the end of its drill. */
export function openMetricsOf(results: readonly DrillResult[]): string {
  // The samples of one series have to come in the order of time.
  const inOrder = [...results].sort((one, other) => Number(endOf(one)) - Number(endOf(other)));
  const families = inOrder.map((result) => {
    const at = endOf(result);
    return drillFamilies(result).map((family) => ({
      ...family,
      samples: family.samples.map((sample) => ({ ...sample, at })),
    }));
  });
  return [
    ...joined(families).flatMap((family) => [
      `# TYPE ${familyName(family)} ${family.isInfo ? 'info' : 'gauge'}`,
      ...(family.unit ? [`# UNIT ${familyName(family)} ${family.unit}`] : []),
      `# HELP ${familyName(family)} ${family.help}`,
      ...sampleLines(family),
    ]),
    '# EOF',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** OpenMetrics 1.0. Each sample is of the end of the drill, so that past drills can be filled into a Prometheus. */
export const openmetrics: ReportFormat = {
  name: 'openmetrics',
  description: 'the same with the time of the drill: for promtool tsdb create-blocks-from openmetrics',
  file: 'metrics.om',
  render: (result) => openMetricsOf([result]),
};
