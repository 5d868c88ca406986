import { messageParts } from '../report/messages.js';
import { sendJson } from './post.js';
import type { Delivery, ReceiverKind } from './receiver.js';

const plainText = (text: string) => ({ type: 'plain_text' as const, text, emoji: false });

/** Only these three are markup in the text of a notification. */
const escapeMarkup = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A message in Slack's Block Kit. Names stand in plain text, where nothing is markup and nobody is mentioned. */
export function slackMessage({ result }: Pick<Delivery, 'result'>) {
  const { heading, summary, targets, more } = messageParts(result);
  return {
    text: escapeMarkup(heading),
    blocks: [
      { type: 'header' as const, text: plainText(heading) },
      { type: 'section' as const, text: plainText(summary.join('\n')) },
      ...(targets.length > 0
        ? [
            {
              type: 'section' as const,
              fields: targets.map(({ name, value }) => plainText(`${name}\n${value}`)),
            },
          ]
        : []),
      ...more.map((text) => ({ type: 'context' as const, elements: [plainText(text)] })),
    ],
  };
}

/** Slack's incoming webhooks. */
export const slack: ReceiverKind = {
  name: 'slack',
  usage: 'slack+https://…',
  description: 'an incoming webhook of Slack; the prefix may be left out for hooks.slack.com',
  hosts: /^hooks\.slack(-gov)?\.com$/,
  deliver: (to, delivery) => sendJson(to, slackMessage(delivery)),
};
