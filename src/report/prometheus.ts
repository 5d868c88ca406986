import type { DrillResult } from '../analysis/result.js';
import { drillFamilies } from './metrics/drill-families.js';
import { joined, sampleLines, sampleName } from './metrics/family.js';
import type { ReportFormat } from './report.js';

/** Drills in one file; of several of one name the latest. */
export function prometheusOf(results: readonly DrillResult[]): string {
  const latestFirst = [...results].sort((one, other) => Date.parse(other.started) - Date.parse(one.started));
  return joined(latestFirst.map(drillFamilies))
    .flatMap((family) => [
      `# HELP ${sampleName(family)} ${family.help}`,
      `# TYPE ${sampleName(family)} gauge`,
      ...sampleLines(family),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Prometheus text format 0.0.4. Without times of the samples: node_exporter and the Pushgateway refuse files that have any. When the drill
 * was is a figure of its own.
 */
export const prometheus: ReportFormat = {
  name: 'prometheus',
  description:
    "figures, bounds and verdicts as metrics: for node_exporter's textfile collector, the Pushgateway, and GitLab",
  file: 'metrics.prom',
  render: (result) => prometheusOf([result]),
};
