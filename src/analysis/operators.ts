import { confirmationOf, type DrillData, type Instruction, type Trial } from './drill-data.js';
import { operatorResponseTime } from './metrics/operator-times.js';
import { evidenceName, REMARK_VERBS } from './operator-words.js';
import type { EvidenceResult, InstructionResult, Mark, RemarkResult } from './result.js';

/** What people were asked in a trial, and what came of it. */
export const instructionsOf = (data: DrillData, trial: Trial): InstructionResult[] =>
  trial.instructions.map((instruction) => {
    const { name, text, who, t, expect, evidence: wanted, skipped, unanswered } = instruction;
    const response = operatorResponseTime.measure({ data, trial, subjects: [name] })[0]!;
    const answer = confirmationOf(trial, instruction);
    const ended = answer?.after ?? unanswered ?? trial.to;
    return {
      name,
      text,
      ...(who && { who }),
      shown: t - trial.from,
      ...(!skipped && { ended: Math.max(t, ended) - trial.from }),
      ending: skipped ? 'not asked' : answer ? 'confirmed' : 'not answered',
      ...(expect && { planned: expect }),
      response,
      late: expect !== undefined && response.lower > expect,
      ...(answer && { by: answer.who }),
      ...(answer?.text && { note: answer.text }),
      ...(wanted && { wanted }),
      evidence: evidenceOf(trial, instruction),
    };
  });

const evidenceOf = ({ acts }: Trial, { t }: Instruction): EvidenceResult[] =>
  acts.flatMap(({ instruction, evidence, who }) =>
    instruction === t && evidence ? [{ ...evidence, who }] : [],
  );

const REMARKS = ['notice', 'note', 'abort'] as const;

/** What people said in a trial of their own accord. */
export const remarksOf = ({ acts, from }: Trial): RemarkResult[] =>
  acts.flatMap(({ act, who, text = '', before, after }): RemarkResult[] => {
    const kind = REMARKS.find((kind) => kind === act);
    return kind ? [{ kind, who, text, at: (before + after) / 2 - from, error: (after - before) / 2 }] : [];
  });

/** What people were asked and said, as marks of a timeline. */
export function operatorMarks(trial: Trial): Mark[] {
  const asked = trial.instructions
    .filter(({ skipped }) => !skipped)
    .map(({ t, name, text, who }): Mark => {
      const label = `${who ?? 'operator'} asked (${name}): ${text}`;
      return { kind: 'operator', label, at: t - trial.from, error: 0 };
    });
  const said = trial.acts.map(({ act, who, text, instruction, evidence, before, after }): Mark => {
    const name = trial.instructions.find(({ t }) => t === instruction)?.name ?? '';
    const what = {
      confirm: `confirmed ${name}`,
      ...REMARK_VERBS,
      attach: `attached evidence${name && ` for ${name}`}`,
    }[act];
    const words = [text, act === 'attach' && evidence && evidenceName(evidence)];
    const label = [`${who} ${what}`, ...words.filter(Boolean)].join(': ');
    return { kind: 'operator', label, at: (before + after) / 2 - trial.from, error: (after - before) / 2 };
  });
  return [...asked, ...said].filter(({ at }) => at >= 0);
}
