import { type Duration, parseDuration } from './units.js';

/** Something that can be so or not at an instant of the drill. */
export type Condition = { text: string } & (
  | { kind: 'loss'; probe: string /** Share of packets that it may lose. */; most: number; period: Duration }
  | { kind: 'loss-above'; probe: string; least: number; period: Duration }
  | { kind: 'path'; probe: string /** Node, or link by its name. */; over: string }
  | { kind: 'connected'; probe: string }
  | { kind: 'watch'; watch: string; active: boolean }
);

const NAME = '([\\w-]+)';
const PERIOD = '(\\d[\\d.]*\\s*[a-zµ]+)';

/**
 * Grammar:
 *
 *     condition = probe "loses nothing for" duration
 *               | probe "loses less than" share "for" duration
 *               | probe "loses more than" share "for" duration
 *               | probe "travels over" ( node | link )
 *               | probe "is connected"
 *               | watch "is" [ "not" ] "active"
 *     share     = number "%"
 */
const forms: { pattern: RegExp; read: (parts: string[], text: string) => Condition | undefined }[] = [
  {
    pattern: new RegExp(`^${NAME} loses nothing for ${PERIOD}$`),
    read: ([probe = '', period = ''], text) => loss({ text, kind: 'loss', probe, most: 0 }, period),
  },
  {
    pattern: new RegExp(`^${NAME} loses less than ([\\d.]+)\\s*% for ${PERIOD}$`),
    read: ([probe = '', share = '', period = ''], text) =>
      loss({ text, kind: 'loss', probe, most: Number(share) / 100 }, period),
  },
  {
    pattern: new RegExp(`^${NAME} loses more than ([\\d.]+)\\s*% for ${PERIOD}$`),
    read: ([probe = '', share = '', period = ''], text) =>
      loss({ text, kind: 'loss-above', probe, least: Number(share) / 100 }, period),
  },
  {
    pattern: new RegExp(`^${NAME} travels over (.+)$`),
    read: ([probe = '', over = ''], text) => ({ text, kind: 'path', probe, over: over.trim() }),
  },
  {
    pattern: new RegExp(`^${NAME} is connected$`),
    read: ([probe = ''], text) => ({ text, kind: 'connected', probe }),
  },
  {
    pattern: new RegExp(`^${NAME} is (not )?active$`),
    read: ([watch = '', not], text) => ({ text, kind: 'watch', watch, active: not === undefined }),
  },
];

type Loss = Extract<Condition, { kind: 'loss' | 'loss-above' }>;

function loss<L extends Omit<Loss, 'period'>>(condition: L, text: string): Condition | undefined {
  const period = parseDuration(text);
  return period === undefined || period === 0
    ? undefined
    : ({ ...condition, period } as unknown as Condition);
}

const EXPECTED =
  '"<probe> loses nothing for 5s", "<probe> loses less than 1% for 5s", "<probe> travels over <node or link>", "<probe> is connected" or "<watch> is active"';

/**
 * Reads a condition.
 * @returns the condition, or what is wrong with it
 */
export function parseCondition(text: string): Condition | string {
  const line = text.trim().replace(/\s+/g, ' ');
  for (const { pattern, read } of forms) {
    const match = pattern.exec(line);
    const condition = match && read(match.slice(1), line);
    if (condition) return condition;
  }
  return `not a condition: "${text}"; expected ${EXPECTED}`;
}
