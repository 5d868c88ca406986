import pc from 'picocolors';
import type { Verdict } from '../analysis/judge.js';

/** Colour of a verdict at a terminal. */
export const paint: Record<Verdict, (text: string) => string> = {
  pass: pc.green,
  fail: pc.red,
  inconclusive: pc.yellow,
};
