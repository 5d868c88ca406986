/**
 * Logarithm of the probability of `successes` in so many independent tries. In logarithms, because what is asked of many trials lies far
 * below the smallest number; summed term by term, because a drill has at most a thousand trials.
 */
export function logBinomial(successes: number, tries: number, chance: number): number {
  if (successes < 0 || successes > tries) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let index = 1; index <= successes; index++) sum += Math.log((tries - successes + index) / index);
  return sum + times(successes, Math.log(chance)) + times(tries - successes, Math.log1p(-chance));
}

/** Nothing of what is infinite is nothing. */
const times = (count: number, value: number) => (count === 0 ? 0 : count * value);

/** Logarithm of the probability of at most `successes` in so many independent tries. */
export function logBinomialUpTo(successes: number, tries: number, chance: number): number {
  if (successes >= tries) return 0;
  const terms = Array.from({ length: Math.max(0, successes + 1) }, (_, k) => logBinomial(k, tries, chance));
  const most = Math.max(...terms);
  if (!Number.isFinite(most)) return most;
  return Math.min(0, most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0)));
}

/** Probability of at most `successes` in so many independent tries. */
export const binomialUpTo = (successes: number, tries: number, chance: number): number =>
  Math.exp(logBinomialUpTo(successes, tries, chance));
