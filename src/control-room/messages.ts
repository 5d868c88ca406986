import * as z from 'zod';
import type { Sight } from '../drill/operator-desk.js';
import type { OperatorAct } from '../recording/events.js';

const instant = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const words = z.string().max(8000);

/** What a page sends when somebody does something. Instants are nanoseconds on the drill clock. */
const messageSchema = z.strictObject({
  act: z.enum(['confirm', 'notice', 'note', 'attach', 'abort']),
  who: z.string().max(400),
  text: words.optional(),
  instruction: instant.optional(),
  evidence: z
    .union([
      z.strictObject({ text: words.min(1) }),
      z.strictObject({
        file: z.string().min(1).max(1000),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        bytes: z.int().min(0),
      }),
    ])
    .optional(),
  /** The last instant that the page was told, and how long ago that was when somebody clicked, nanoseconds. */
  sight: z.strictObject({ told: instant, since: instant }).optional(),
});

/** Reads what a page sent. Returns what is wrong with it where it is no message. */
export function parseMessage(text: string): { act: OperatorAct; sight: Sight | undefined } | string {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return 'no JSON';
  }
  const { data, error } = messageSchema.safeParse(read);
  if (error) {
    const [issue] = error.issues;
    return `${issue!.path.join('.') || 'the message'}: ${issue!.message}`;
  }
  const { sight, text: said, instruction, evidence, ...rest } = data;
  const optional = {
    ...(said !== undefined && { text: said }),
    ...(instruction !== undefined && { instruction }),
    ...(evidence && { evidence }),
  };
  return { act: { ...rest, by: 'page', ...optional }, sight };
}
