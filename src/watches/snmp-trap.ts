import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { once } from 'node:events';
import snmp from 'net-snmp';
import { portSchema, receiverShape, tellOf } from './receiver.js';
import { RECEIVED, type WatchKind } from './watch.js';

const parameters = { ...receiverShape, port: portSchema(162) };

/** What net-snmp reads of a notification. */
interface Pdu {
  varbinds?: { oid: string; value: unknown }[];
  enterprise?: string;
}

/** An SNMP trap or inform arrives. */
export const snmpTrap: WatchKind<typeof parameters> = {
  name: 'snmp-trap',
  description:
    'an SNMP trap or inform arrives (v1 and v2c, any community) with object identifiers or values that match, each as "oid = value"',
  parameters,
  isMomentary: true,
  resolution: () => RECEIVED,
  async receive({ port, match }, tell) {
    let socket: Socket | undefined;
    const dgramModule = {
      createSocket(type: SocketType) {
        socket = createSocket(type);
        return socket;
      },
    };
    const options = { port, disableAuthorization: true, dgramModule };
    const receiver = snmp.createReceiver(options, (error: Error | null, notification?: { pdu: Pdu }) => {
      // What cannot be read is no trap.
      if (error || !notification) return;
      const { varbinds = [], enterprise } = notification.pdu;
      const bindings = varbinds.map(({ oid, value }) => `${oid} = ${value}`);
      tellOf([...(enterprise ? [`enterprise = ${enterprise}`] : []), ...bindings].join('\n'), match, tell);
    });
    await once(socket!, 'listening');
    return { datagrams: socket!, close: () => receiver.close() };
  },
};
