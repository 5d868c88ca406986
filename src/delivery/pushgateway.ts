import { prometheus } from '../report/prometheus.js';
import { legalXml } from '../report/xml.js';
import { send } from './post.js';
import type { ReceiverKind } from './receiver.js';

/** A grouping key in base64, which holds slashes as well: pushgateway, README, "URL". */
const encoded = (value: string) => Buffer.from(legalXml(value)).toString('base64url');

/** Where the metrics of a drill go: its own group, so that the next one of the same name replaces them. */
export function groupOf(gateway: URL, drill: string): URL {
  const group = new URL(gateway);
  group.pathname = `${gateway.pathname.replace(/\/$/, '')}/metrics/job/faildrill/drill@base64/${encoded(drill)}`;
  return group;
}

/** The Prometheus Pushgateway, which Prometheus asks for the last drill of each name. */
export const pushgateway: ReceiverKind = {
  name: 'pushgateway',
  usage: 'pushgateway+http://…',
  description:
    'a Prometheus Pushgateway: metrics.prom of the last drill of each name; pushgateway+https:// as well',
  async deliver(to, { result }) {
    await send(groupOf(to, result.name), {
      method: 'PUT',
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: await prometheus.render(result),
    });
  },
};
