import { logBinomial, logBinomialUpTo } from './binomial.js';

/**
 * Evidence against "at most `share` of all trials succeed", after any number of looks: the likelihood of what was seen, averaged evenly over all
 * larger shares, over its likelihood at `share`. While the claim holds, this is a martingale that starts at 1 or falls; so the chance that it
 * ever reaches 20 is at most 1 in 20, however often one looks and whenever one stops.
 * Source: Ville's inequality; Robbins, Statistical Methods Related to the Law of the Iterated Logarithm, 1970 (mixtures of likelihood ratios).
 * @param share between 0 and 1, neither included
 */
export function evidenceForMore({
  successes,
  tries,
  share,
}: {
  successes: number;
  tries: number;
  share: number;
}): number {
  // The integral of x^s (1 - x)^(n - s) from `share` to 1 is a binomial sum.
  const above = logBinomialUpTo(successes, tries + 1, share);
  const at = logBinomial(successes, tries, share);
  return Math.exp(above - at - Math.log1p(-share) - Math.log(tries + 1));
}

/** Trials without a single failure that show, with a confidence, that at least `share` of all succeed. */
export const trialsWithoutFailure = (share: number, confidence: number): number =>
  Math.ceil(Math.log1p(-confidence) / Math.log(share) - 1e-9);
