import type { DrillResult } from '../analysis/result.js';

/** A format that a drill's result is written in. One file a format, and a line in the registry. */
export interface ReportFormat {
  name: string;
  description: string;
  /** Name of the file in the drill's folder. */
  file: string;
  render(result: DrillResult): string | Promise<string>;
  /** The same one after the other, for a format that may be too large to be held at once. */
  pieces?(result: DrillResult): Iterable<string>;
}
