import { messageParts } from '../report/messages.js';
import { sendJson } from './post.js';
import type { Delivery, ReceiverKind } from './receiver.js';

/** The result without what fills a report: series, topology, marks. An infinite bound is null. */
export function webhookMessage({ result }: Pick<Delivery, 'result'>) {
  const { version, id, name, title, tags, verdict, reason, outcome, started, lasted } = result;
  const { targets, failures, problems } = result;
  const { heading, summary } = messageParts(result);
  return {
    version,
    id,
    name,
    title,
    tags,
    verdict,
    reason,
    outcome,
    started,
    lasted,
    text: [heading, ...summary].join('\n'),
    targets: targets.map(({ text, verdict, unit, comparison, limit, measured }) => ({
      text,
      verdict,
      unit,
      comparison,
      limit,
      ...(measured && { measured }),
    })),
    failures,
    problems,
  };
}

/** Whatever takes JSON. */
export const webhook: ReceiverKind = {
  name: 'webhook',
  usage: 'https://…',
  description:
    'anything that takes JSON: verdict, summary and targets, with the keys of result.json; http:// as well',
  deliver: (to, delivery) => sendJson(to, webhookMessage(delivery)),
};
