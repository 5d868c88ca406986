import type { Command } from 'commander';
import pc from 'picocolors';
import type { Delivery } from '../delivery/receiver.js';
import { type Receiver, receiverAt } from '../delivery/registry.js';
import { InvalidInput } from '../document/problem.js';
import { collect } from './options.js';
import { type OwnTemplate, ownTemplate } from './own-template.js';

/** Options of the verbs that judge. */
export interface DeliveryOptions {
  /** Addresses of receivers. */
  notify: string[];
  pdf?: boolean;
  /** File of a template. */
  template?: string;
}

/** Adds the options that say where results go. */
export const addDelivery = (command: Command): Command =>
  command
    .option(
      '--notify <receiver>',
      'send the result there as well: https://…, mailto:…, pushgateway+http://… and others; also by FAILDRILL_NOTIFY, since addresses of webhooks are secrets',
      collect,
      [],
    )
    .option(
      '--template <file>',
      'write one more report by a Handlebars template of your own: mail.md.hbs makes mail.md',
    )
    .option('--pdf', 'print the report to report.pdf as well, by the Chromium of this machine');

/**
 * The receivers that options and environment name.
 * @throws InvalidInput where one is none; commander's own message would show the whole address, which may be a secret
 */
function receiversOf(notify: readonly string[]): Receiver[] {
  const environment = (process.env.FAILDRILL_NOTIFY ?? '').split(/\s+/).filter(Boolean);
  return [...receiversFrom('--notify', notify), ...receiversFrom('FAILDRILL_NOTIFY', environment)];
}

const receiversFrom = (source: string, addresses: readonly string[]): Receiver[] =>
  addresses.map((address, index) => {
    try {
      return receiverAt(address);
    } catch (error) {
      const { message } = error as Error;
      throw new InvalidInput([{ file: source, line: index + 1, column: 1, message }]);
    }
  });

/** What becomes of a drill's result besides its own reports. */
export interface Outlets {
  pdf: boolean;
  template?: OwnTemplate;
  receivers: readonly Receiver[];
}

/**
 * Reads the options that say where results go.
 * @throws InvalidInput where a receiver is none, or the template is none
 */
export const outletsOf = ({ notify, pdf = false, template }: DeliveryOptions): Outlets => ({
  pdf,
  ...(template !== undefined && { template: ownTemplate(template) }),
  receivers: receiversOf(notify),
});

/** A command without its receivers: their addresses are secrets, and nobody needs them to repeat the drill. */
export const notifyingNobody = (argv: readonly string[]): string[] =>
  argv.filter(
    (word, index) => !/^--notify(=|$)/.test(word) && (index === 0 || argv[index - 1] !== '--notify'),
  );

/** Sends a result to all of its receivers. One that does not take it is said, and changes nothing. */
export async function notify(receivers: readonly Receiver[], delivery: Delivery): Promise<void> {
  for (const receiver of receivers) {
    try {
      await receiver.deliver(delivery);
      console.log(`${pc.dim('sent to')} ${receiver.shown}`);
    } catch (error) {
      console.error(pc.yellow(`not sent to ${receiver.shown}: ${(error as Error).message}`));
    }
  }
}
