import { unknownName } from '../document/nearest.js';
import { mail } from './mail.js';
import { mattermost } from './mattermost.js';
import { pushgateway } from './pushgateway.js';
import type { Delivery, ReceiverKind } from './receiver.js';
import { slack } from './slack.js';
import { teams } from './teams.js';
import { webhook } from './webhook.js';

/** Where results can be sent; a new sort is its file and a line here. */
export const receivers = { slack, teams, mattermost, webhook, pushgateway, mail } as const;

/** A receiver that was asked for. */
export interface Receiver {
  kind: ReceiverKind;
  /** What may be shown of its address, whose path is often a secret. */
  shown: string;
  deliver(delivery: Delivery): Promise<void>;
}

/**
 * Reads the address of a receiver: `mailto:…`, `https://…`, or the latter with the name of a sort before it.
 * @throws Error that does not show the address
 */
export function receiverAt(text: string): Receiver {
  const [match, prefix] = /^(?:(?:([a-z]+)\+)?https?|mailto):/i.exec(text) ?? [];
  const address = prefix === undefined ? text : text.slice(prefix.length + 1);
  if (match === undefined || !URL.canParse(address)) throw new Error(`expected an address as ${usages()}`);
  const url = new URL(address);
  const kind = kindOf(url, prefix);
  const { name, show = ({ host }: URL) => host } = kind;
  return { kind, shown: `${name} ${show(url)}`, deliver: (delivery) => kind.deliver(url, delivery) };
}

function kindOf({ hostname, protocol }: URL, prefix: string | undefined): ReceiverKind {
  const { mail, ...kinds } = receivers;
  if (protocol === 'mailto:') return mail;
  if (prefix === undefined)
    return Object.values<ReceiverKind>(kinds).find(({ hosts }) => hosts?.test(hostname)) ?? webhook;
  const kind = Object.values<ReceiverKind>(kinds).find(({ name }) => name === prefix.toLowerCase());
  if (!kind) throw new Error(unknownName('receiver', prefix, Object.keys(kinds)));
  return kind;
}

const usages = () =>
  Object.values(receivers)
    .map(({ usage }) => usage)
    .join(', ');
