import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientArguments, serverArguments } from '../../src/iperf3/arguments.js';
import { NoIperf3Result, parseIperf3 } from '../../src/iperf3/result.js';

/** What iperf3 3.12 printed in five tests, the intervals down to the last few. */
const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const read = (name: string) => parseIperf3(JSON.stringify(recorded[name]));

test('a client of UDP that was interrupted has what it sent up to then', () => {
  const result = read('interruptedClient');
  expect(result).toMatchObject({
    role: 'client',
    protocol: 'UDP',
    streams: 1,
    isInterrupted: true,
    received: [],
  });
  expect(result.error).toBe('interrupt - the client has terminated');
  expect(result.sent).toHaveLength(2);
  expect(result.sent.at(-1)).toMatchObject({ bytes: 22016, packets: 1, isSender: true });
  expect(result.sent.at(-1)!.streams).toHaveLength(1);
});

test('its server prints the last interval twice, and it counts once', () => {
  const result = read('interruptedServer');
  expect((recorded.interruptedServer as { intervals: unknown[] }).intervals).toHaveLength(3);
  expect(result).toMatchObject({ role: 'server', isInterrupted: true, sent: [] });
  expect(result.received).toHaveLength(2);
  expect(result.received[1]).toMatchObject({ bytes: 66048, packets: 3, lost: 0 });
  expect(result.received[1]!.jitter).toBeCloseTo(17.6e-6, 6);
});

test('a test that did not begin says why', () => {
  const result = read('refused');
  expect(result).toMatchObject({ sent: [], received: [], isInterrupted: false, streams: 0 });
  expect(result.error).toBe('unable to connect to server: Connection refused');
});

test('a server whose client is gone has what it received', () => {
  const result = read('lostClient');
  expect(result).toMatchObject({
    isInterrupted: false,
    error: 'the client has unexpectedly closed the connection',
  });
  expect(result.received).toHaveLength(1);
});

test('both ways: what was sent and what was received, and the word of the server', () => {
  const result = read('bothWays');
  expect(result).toMatchObject({ role: 'client', protocol: 'TCP', isInterrupted: false });
  expect(result.error).toBeUndefined();
  expect(result.sent).toHaveLength(2);
  expect(result.received).toHaveLength(2);
  expect(result.sent[0]!.streams.every(({ isSender }) => isSender)).toBe(true);
  expect(result.received[0]!.streams.every(({ isSender }) => !isSender)).toBe(true);
  expect(result.sent[0]!.streams[0]!.rtt).toBeLessThan(1e-3);
  expect(result.server).toMatchObject({ role: 'server' });
  expect(result.server!.received).toHaveLength(2);
});

test.each([
  ['', 'it printed nothing'],
  ['{"start": {', 'it printed "{"start": {"'],
  ['iperf3: error - unable to start listener', 'it printed "iperf3: error'],
  ['{}', 'no result of iperf3 --json'],
])('"%s" is no result', (text, message) => {
  expect(() => parseIperf3(text)).toThrow(NoIperf3Result);
  expect(() => parseIperf3(text)).toThrow(message);
});

test('command lines', () => {
  expect(clientArguments({ server: 'x', rate: 5e6 }).slice(-2)).toEqual(['--fq-rate', '5000000']);
  expect(clientArguments({ server: '192.0.2.1' }).join(' ')).toBe(
    'iperf3 --client 192.0.2.1 --port 5201 --json --time 10 --interval 1 --parallel 1',
  );
  expect(
    clientArguments({ server: 'x', protocol: 'udp', direction: 'back', rate: 5e6, length: 1400, timeout: 2 })
      .slice(6)
      .join(' '),
  ).toBe(
    '--time 10 --interval 1 --parallel 1 --udp --reverse --bitrate 5000000 --length 1400 --connect-timeout 2000',
  );
  expect(clientArguments({ server: 'x', direction: 'both', rate: 5e6, timeout: 2 }).slice(12).join(' ')).toBe(
    '--bidir --bitrate 5000000 --connect-timeout 2000 --snd-timeout 2000',
  );
  expect(serverArguments({ port: 5300, interval: 0.1 }).join(' ')).toBe(
    'iperf3 --server --one-off --json --port 5300 --interval 0.1',
  );
});
