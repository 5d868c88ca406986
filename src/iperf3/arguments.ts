/** A test as its client asks for it. */
export interface Iperf3Options {
  /** Address of the server. */
  server: string;
  port?: number;
  protocol?: 'tcp' | 'udp';
  /** Which way the data go: from the client to the server, back, or both at once. */
  direction?: 'forth' | 'back' | 'both';
  /** Streams in each direction. */
  streams?: number;
  /** How long it is to last, seconds; 0 goes on until it is interrupted. */
  seconds?: number;
  /** Time between two reports, seconds; at least 0.1. */
  interval?: number;
  /**
   * Bits a second of each stream. The kernel paces TCP where only the client sends; a server knows only how iperf3 paces by itself, which makes
   * up for what it could not send as fast as it can. Without it TCP goes as fast as it can, UDP 1 Mbit/s.
   */
  rate?: number;
  /** Bytes of a UDP packet, or of a write. */
  length?: number;
  /** How long TCP data may wait for an acknowledgement, and the control connection to come about, seconds. */
  timeout?: number;
}

/** Command line of the client, for iperf3 3.10 and later. */
export function clientArguments(options: Iperf3Options): string[] {
  const { server, port = 5201, protocol = 'tcp', direction = 'forth', streams = 1, seconds = 10 } = options;
  const { interval = 1, rate, length, timeout } = options;
  const isUdp = protocol === 'udp';
  const isPaced = !isUdp && direction === 'forth';
  const milliseconds = timeout !== undefined && String(Math.max(1, Math.round(timeout * 1000)));
  return [
    ...['iperf3', '--client', server, '--port', String(port), '--json'],
    ...['--time', String(seconds), '--interval', String(interval), '--parallel', String(streams)],
    ...(isUdp ? ['--udp'] : []),
    ...(direction === 'back' ? ['--reverse'] : direction === 'both' ? ['--bidir'] : []),
    ...(rate === undefined ? [] : [isPaced ? '--fq-rate' : '--bitrate', String(Math.round(rate))]),
    ...(length === undefined ? [] : ['--length', String(length)]),
    ...(milliseconds ? ['--connect-timeout', milliseconds] : []),
    ...(milliseconds && !isUdp ? ['--snd-timeout', milliseconds] : []),
  ];
}

/** Command line of a server for one test. */
export const serverArguments = ({
  port = 5201,
  interval = 1,
}: Pick<Iperf3Options, 'port' | 'interval'>): string[] => [
  ...['iperf3', '--server', '--one-off', '--json'],
  ...['--port', String(port), '--interval', String(interval)],
];
