import type { MergedResult } from '../../shards/merged.js';

/** A format of the report on several shards together. One file a format, and a line in the registry. */
export interface MergedFormat {
  /** Name of its file. */
  file: string;
  render(result: MergedResult): string;
}
