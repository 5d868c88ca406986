import { REMARK_VERBS } from '../analysis/operator-words.js';
import type { EvidenceResult, InstructionResult, TrialResult } from '../analysis/result.js';
import { formatDuration } from '../scenario/units.js';
import { formatMeasurement } from './words.js';

/** What a person was asked and what came of it, as a row of texts. */
export interface OperatorRow {
  name: string;
  instruction: string;
  who: string;
  planned: string;
  actual: string;
  late: boolean;
  said: string;
  evidence: string[];
}

/** Heads of the columns, in the order of a row's texts. */
export const OPERATOR_COLUMNS = ['Instruction', 'Who', 'Planned', 'Actual [bounds]', 'Said', 'Evidence'];

/** What people were asked in a trial: planned against actual. */
export const operatorRows = ({ instructions }: TrialResult): OperatorRow[] =>
  instructions.map((instruction) => ({
    name: instruction.name,
    instruction: instruction.text,
    who: [instruction.who, confirmedBy(instruction)].filter(Boolean).join('; '),
    planned: instruction.planned === undefined ? '' : formatDuration(instruction.planned),
    actual: actualOf(instruction),
    late: instruction.late,
    said: instruction.note ?? '',
    evidence: evidenceOf(instruction),
  }));

const confirmedBy = ({ by, who }: InstructionResult): string =>
  by === undefined || by === who ? '' : `confirmed by ${by}`;

const actualOf = ({ response, late, ending }: InstructionResult): string =>
  ending === 'not asked' ? ending : `${formatMeasurement(response, 'duration')}${late ? ', late' : ''}`;

function evidenceOf({ evidence, wanted, ending }: InstructionResult): string[] {
  if (evidence.length > 0) return evidence.map(describeEvidence);
  return wanted === undefined || ending === 'not asked' ? [] : [`missing: ${wanted}`];
}

const describeEvidence = (evidence: EvidenceResult): string =>
  'text' in evidence
    ? evidence.text
    : `${evidence.file}, ${evidence.bytes} bytes, SHA-256 ${evidence.sha256}`;

/** What people said in a trial of their own accord, a sentence each. */
export const describeRemarks = ({ remarks, marks }: TrialResult): string[] =>
  remarks.map(({ kind, who, text, at }) => {
    const first = marks.find((mark) => mark.kind === 'fault')?.at ?? 0;
    return `${((at - first) / 1e9).toFixed(1)} s from the first fault: ${[`${who} ${REMARK_VERBS[kind]}`, text].filter(Boolean).join(': ')}`;
  });
