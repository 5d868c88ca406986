import { parseTarget, type Target } from './target.js';

/** What a timer says a quantity must come to: the limits of it, either one or both. */
export interface Implication {
  text: string;
  atLeast?: Target;
  atMost?: Target;
}

/**
 * Grammar; the quantity as in a target:
 *
 *     implication = quantity ( value "to" value | "at least" value | "at most" value )
 */
const IMPLICATION = /^\s*(.*\))\s*(?:at least\s+(\S.*?)|at most\s+(\S.*?)|(\S.*?)\s+to\s+(\S.*?))\s*$/;

/** An example for messages. */
const EXAMPLE = 'detection_time(reroute) 200ms to 300ms';

/**
 * Reads what a timer implies.
 * @returns the limits, or what is wrong
 */
export function parseImplication(text: string): Implication | string {
  const match = IMPLICATION.exec(text);
  if (!match) return `cannot read "${text}"; expected something like ${EXAMPLE}`;
  const [, quantity, least, most, from = least, to = most] = match;
  const limits = [
    from === undefined ? undefined : parseTarget(`${quantity} >= ${from}`),
    to === undefined ? undefined : parseTarget(`${quantity} <= ${to}`),
  ];
  const wrong = limits.find((limit) => typeof limit === 'string');
  if (wrong !== undefined) return wrong as string;
  const [atLeast, atMost] = limits as (Target | undefined)[];
  if (atLeast && atMost && atLeast.value > atMost.value) return `"${text.trim()}" ends below where it begins`;
  return { text: text.trim(), ...(atLeast && { atLeast }), ...(atMost && { atMost }) };
}

/** The quantity that an implication is about, as a target of it. */
export const impliedQuantity = ({ atLeast, atMost }: Implication): Target => (atLeast ?? atMost)!;
