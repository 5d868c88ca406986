import { plain } from '../report/markdown-text.js';
import { COLOURS, messageParts } from '../report/messages.js';
import { sendJson } from './post.js';
import type { Delivery, ReceiverKind } from './receiver.js';

/** A message with an attachment, as Mattermost and Rocket.Chat have them. */
export function mattermostMessage({ result }: Pick<Delivery, 'result'>) {
  const { heading, summary, targets, more } = messageParts(result);
  return {
    attachments: [
      {
        fallback: heading,
        color: COLOURS[result.verdict],
        title: plain(heading),
        text: [...summary, ...more].map(plain).join('\n'),
        fields: targets.map(({ name, value }) => ({ title: plain(name), value: plain(value), short: false })),
      },
    ],
  };
}

/** Mattermost's incoming webhooks. */
export const mattermost: ReceiverKind = {
  name: 'mattermost',
  usage: 'mattermost+https://…',
  description: 'an incoming webhook of Mattermost or Rocket.Chat',
  deliver: (to, delivery) => sendJson(to, mattermostMessage(delivery)),
};
