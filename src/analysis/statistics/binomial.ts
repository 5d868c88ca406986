/**
 * Logarithm of the probability of `successes` in so many independent tries. In logarithms, because what is asked of many trials lies far
 * below the smallest number; summed term by term, because a drill has at most a thousand trials.
 * @param chance of each, between 0 and 1, neither included
 */
export function logBinomial(successes: number, tries: number, chance: number): number {
  if (successes < 0 || successes > tries) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let index = 1; index <= successes; index++) sum += Math.log((tries - successes + index) / index);
  return sum + successes * Math.log(chance) + (tries - successes) * Math.log1p(-chance);
}

/** Logarithm of the probability of at most `successes` in so many independent tries. */
export function logBinomialUpTo(successes: number, tries: number, chance: number): number {
  if (successes >= tries) return 0;
  const terms: number[] = [];
  let term = logBinomial(successes, tries, chance);
  for (let k = successes; k >= 0; k--) {
    terms.push(term);
    term += Math.log((k * (1 - chance)) / ((tries - k + 1) * chance));
  }
  const most = Math.max(...terms);
  if (!Number.isFinite(most)) return most;
  return Math.min(0, most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0)));
}

/** Probability of at most `successes` in so many independent tries. */
export const binomialUpTo = (successes: number, tries: number, chance: number): number =>
  Math.exp(logBinomialUpTo(successes, tries, chance));
