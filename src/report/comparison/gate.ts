import pc from 'picocolors';
import type { Gate } from '../../analysis/comparison/gate.js';
import { renderDetails } from './terminal.js';

const paint: Record<Gate['verdict'], (text: string) => string> = {
  'no regression': pc.green,
  regression: pc.red,
  'cannot tell': pc.yellow,
};

/** What the regression gate says, for people at a terminal and in a pipeline's log: verdict first. */
export const renderGate = ({ verdict, reason, comparison }: Gate): string =>
  [
    `${paint[verdict](pc.bold(verdict.toUpperCase()))}  ${comparison.title}`,
    pc.dim(`      ${reason}`),
    '',
    renderDetails(comparison),
  ].join('\n');
