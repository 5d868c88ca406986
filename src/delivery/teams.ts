import type { Verdict } from '../analysis/judge.js';
import { messageParts } from '../report/messages.js';
import { sendJson } from './post.js';
import type { Delivery, ReceiverKind } from './receiver.js';

const COLOURS: Record<Verdict, string> = { pass: 'Good', fail: 'Attention', inconclusive: 'Warning' };

/** Text runs hold no markup, which text blocks and facts do. */
const text = (content: string, look: object = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: content, ...look }],
});

/** A message with an Adaptive Card 1.4, as the Workflows app of Teams takes it. */
export function teamsMessage({ result }: Pick<Delivery, 'result'>) {
  const { heading, summary, targets, more } = messageParts(result);
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: heading,
          body: [
            text(heading, { weight: 'Bolder', size: 'Large', color: COLOURS[result.verdict] }),
            ...summary.map((sentence) => text(sentence)),
            ...targets.flatMap(({ name, value }) => [text(name, { weight: 'Bolder' }), text(value)]),
            ...more.map((sentence) => text(sentence)),
          ],
        },
      },
    ],
  };
}

/** Webhooks of Microsoft Teams: those of its Workflows app, and the older connectors. */
export const teams: ReceiverKind = {
  name: 'teams',
  usage: 'teams+https://…',
  description:
    'a webhook of Microsoft Teams; the prefix may be left out for webhook.office.com, logic.azure.com and powerplatform.com',
  hosts: /\.(webhook\.office\.com|logic\.azure\.com|api\.powerplatform\.com)$/,
  deliver: (to, delivery) => sendJson(to, teamsMessage(delivery)),
};
