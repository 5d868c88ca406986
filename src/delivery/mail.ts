import { hostname } from 'node:os';
import { basename } from 'node:path';
import type { DrillResult } from '../analysis/result.js';
import { messageParts } from '../report/messages.js';
import { PATIENCE } from './post.js';
import type { ReceiverKind } from './receiver.js';

/** The text of a mail. */
function mailText(result: DrillResult): string {
  const { heading, summary, targets, more } = messageParts(result);
  return [
    heading,
    '',
    ...summary,
    '',
    ...targets.map(({ name, value }) => `${name}: ${value}`),
    ...more,
    '',
    `Started ${result.started}. The report is attached.`,
    '',
  ].join('\n');
}

/** Who a mailto: address is for (RFC 6068): its path, and more in `to` and `cc`. */
const recipients = (to: URL) => ({
  to: [...to.pathname.split(',').map(decodeURIComponent), ...to.searchParams.getAll('to')].filter(Boolean),
  cc: to.searchParams.getAll('cc'),
});

/**
 * Mail, by the server that `FAILDRILL_SMTP` names (`smtp://user:password@host:587`, `smtps://…`), else the one of this machine; from
 * `FAILDRILL_MAIL_FROM`, else `faildrill@` this machine.
 */
export const mail: ReceiverKind = {
  name: 'mail',
  usage: 'mailto:…',
  description:
    'mail with the summary, and the report attached: as PDF where there is a Chromium, else as HTML; sent by the server in FAILDRILL_SMTP',
  wantsPdf: true,
  show(address) {
    const { to } = recipients(address);
    if (to.length === 0) throw new Error('expected who the mail is for, as mailto:noc@example.com');
    return to.join(', ');
  },
  async deliver(to, { result, reports }) {
    const { createTransport } = await import('nodemailer');
    const { FAILDRILL_SMTP: server, FAILDRILL_MAIL_FROM: from = `faildrill@${hostname()}` } = process.env;
    const transport = createTransport({
      // The mail server of this machine has no certificate that anybody would trust, and nobody is between.
      ...(server ? { url: server } : { host: '127.0.0.1', port: 25, ignoreTLS: true }),
      connectionTimeout: PATIENCE,
      greetingTimeout: PATIENCE,
      socketTimeout: PATIENCE,
    });
    const report = reports.pdf ?? reports.html;
    try {
      await transport.sendMail({
        from,
        ...recipients(to),
        subject: messageParts(result).heading,
        text: mailText(result),
        ...(report && {
          attachments: [{ path: report, filename: `${result.name}-${basename(report)}` }],
        }),
      });
    } finally {
      transport.close();
    }
  },
};
