import type { Evidence, OperatorAct } from '../recording/events.js';

/** What people do of their own accord, as a verb. */
export const REMARK_VERBS = {
  notice: 'noticed something',
  note: 'noted',
  abort: 'aborted the drill',
} as const;

/** What somebody attached: the text, or the name of the file. */
export const evidenceName = (evidence: Evidence): string =>
  'text' in evidence ? evidence.text : evidence.file;

/** What somebody did and said, while the drill runs: `Ada, attach: ticket.txt`. */
export const describeAct = ({ who, act, text, evidence }: OperatorAct): string =>
  [`${who}, ${act}`, text, evidence && evidenceName(evidence)].filter(Boolean).join(': ');
