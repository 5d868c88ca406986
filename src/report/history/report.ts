import type { Entry, JudgedEntry } from '../../history/entry.js';

/** What a list of drills is made from. */
export interface Listing {
  /** The latest first. */
  drills: readonly JudgedEntry[];
  /** Folders whose recording cannot be judged, with why; none where drills were chosen by what only a judged one has. */
  unreadable: readonly Entry[];
  /** The folder of the drills' folders, from where the list is going to be. */
  store: string;
  /** What was chosen by, in words; empty where everything is shown. */
  filter: string;
}
