import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Gate, gate } from '../analysis/comparison/gate.js';
import type { DrillResult } from '../analysis/result.js';
import { renderGate } from '../report/comparison/gate.js';
import { comparisonFormats } from '../report/comparison/registry.js';
import { EXIT } from './exit.js';

const CODES: Record<Gate['verdict'], number> = {
  'no regression': EXIT.pass,
  regression: EXIT.fail,
  'cannot tell': EXIT.inconclusive,
};

/** Holds a drill against its baseline, prints what came of it, keeps it in the drill's folder. Returns the exit code that it means. */
export function passGate(options: {
  baseline: DrillResult;
  change: DrillResult;
  tolerance: number | undefined;
  folder: string;
}): number {
  const { baseline, change, tolerance, folder } = options;
  const result = gate({ baseline, change, ...(tolerance !== undefined && { tolerance }) });
  process.stdout.write(`\n${renderGate(result)}`);
  writeFileSync(join(folder, 'comparison.json'), comparisonFormats.json(result.comparison));
  writeFileSync(join(folder, 'comparison.md'), comparisonFormats.markdown(result.comparison));
  return CODES[result.verdict];
}
