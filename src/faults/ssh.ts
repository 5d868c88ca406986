import * as z from 'zod';
import type { Bracket } from '../linux/clock.js';
import { regularExpression } from '../scenario/units.js';
import { loginShape, wrongLogin } from '../ssh/login.js';
import { ShellSession } from '../ssh/session.js';
import { around, type Effect, FaultFailed, type FaultKind, nodeOf } from './fault.js';

const commands = z.array(z.string().min(1)).min(1);

const parameters = {
  ...loginShape,
  commands: commands.meta({
    description:
      "commands for the gateway's own command line that break something, one after the other; none may be refused",
  }),
  undo: commands.meta({
    description: 'commands that mend it; none may be refused, and they may be given twice',
  }),
  proof: z
    .strictObject({
      command: z.string().min(1).meta({ description: 'command that shows whether it is in effect' }),
      matches: regularExpression.meta({
        description: 'regular expression that its output matches only while it is, ^ and $ at any line',
      }),
    })
    .optional()
    .meta({ description: 'what shows that the fault is in effect; checked after both' }),
};

/** Commands at a gateway's own command line, over SSH, break something, and others mend it. Each act has a session of its own. */
export const ssh: FaultKind<typeof parameters> = {
  name: 'ssh',
  description: "commands at a gateway's own command line, over SSH, break something, and others mend it",
  parameters,
  target: ({ node, commands }) => `"${commands.join('; ')}" on ${node}`,
  check: wrongLogin,
  prepare({ node, from: fromName, commands, undo, proof, ...login }, context) {
    const { clock } = context;
    const from = nodeOf(context, fromName);
    let wasSent = false;
    const act = async (lines: readonly string[], inEffect: boolean): Promise<Effect> => {
      const session = await ShellSession.open({ login: { ...login, node, from: fromName }, from, clock });
      try {
        wasSent = true;
        const brackets: Bracket[] = [];
        for (const line of lines) brackets.push(await session.run(line));
        const bracket = around(brackets);
        if (!proof) return { ...bracket, proof: `"${lines.join('; ')}" was not refused` };
        const { text } = await session.run(proof.command);
        const shown = new RegExp(proof.matches, 'm').test(text);
        if (shown !== inEffect)
          throw new Error(
            `after "${lines.at(-1)}", "${proof.command}" ${shown ? 'still shows' : 'does not show'} ${proof.matches}`,
          );
        return {
          ...bracket,
          proof: `"${proof.command}" ${shown ? 'shows' : 'no longer shows'} ${proof.matches}`,
        };
      } finally {
        session.close();
      }
    };
    const orFail = (acting: Promise<Effect>) =>
      acting.catch((error: Error) => {
        throw new FaultFailed(`${node} over SSH: ${error.message}`, { cause: error });
      });
    return {
      inject: () => orFail(act(commands, true)),
      async clear() {
        const now = clock.now();
        if (!wasSent) return { before: now, after: now, proof: 'no command was given' };
        return orFail(act(undo, false));
      },
    };
  },
};
