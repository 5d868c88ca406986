import type { DrillResult } from '../analysis/result.js';

/** What is sent. */
export interface Delivery {
  result: DrillResult;
  /** Paths of the reports that could be written, by the names of their formats. */
  reports: Record<string, string>;
}

/** A sort of receiver of results. One file a sort, and a line in the registry. */
export interface ReceiverKind {
  name: string;
  /** How one is given: `slack+https://…`. */
  usage: string;
  description: string;
  /** Host names that only it has, so that its prefix can be left out. */
  hosts?: RegExp;
  /** Whether it wants a PDF, where one can be made. */
  wantsPdf?: boolean;
  /** What may be shown of an address; without it the host. @throws Error where the address says too little */
  show?(to: URL): string;
  /** @throws where it was not taken; the message must not hold what of the address is secret */
  deliver(to: URL, delivery: Delivery): Promise<void>;
}
