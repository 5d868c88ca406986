import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What a method of the supervisor does with a request; what it throws reaches the caller as an error. */
export type Handlers = Record<string, (parameters: never, caller: Caller) => unknown>;

/** The connection that a request came by: whatever it started ends with it. */
export interface Caller {
  /** Aborted when the connection is gone. */
  signal: AbortSignal;
  notify(event: string, parameters: unknown): void;
}

interface Wire {
  id?: number;
  method?: string;
  event?: string;
  parameters?: unknown;
  result?: unknown;
  error?: { name: string; message: string; code?: string; hint?: string };
}

const send = (socket: Socket, message: Wire) =>
  void (socket.writable && socket.write(`${JSON.stringify(message)}\n`));

function receive(socket: Socket, take: (message: Wire) => void) {
  socket.on('error', () => socket.destroy());
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => take(JSON.parse(line) as Wire));
  lines.on('error', () => socket.destroy());
}

/** Answers the requests of one connection. */
export function serve(socket: Socket, handlers: Handlers): Caller {
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  const caller: Caller = {
    signal: gone.signal,
    notify: (event, parameters) => send(socket, { event, parameters }),
  };
  receive(socket, ({ id, method = '', parameters }) => {
    const answer = async () => {
      const handler = handlers[method];
      if (!handler) throw new Error(`the lab does not know "${method}"; it was started by another version`);
      return handler(parameters as never, caller);
    };
    answer().then(
      (result) => send(socket, { id: id!, result }),
      (error: Error & { code?: string; hint?: string }) => {
        const { name, message, code, hint } = error;
        send(socket, { id: id!, error: { name, message, ...(code && { code }), ...(hint && { hint }) } });
      },
    );
  });
  return caller;
}

/** An error that the other side reported; `remote` is its class there. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly remote: string;
  readonly code: string | undefined;
  readonly hint: string | undefined;
  constructor({ name, message, code, hint }: NonNullable<Wire['error']>) {
    super(message);
    this.remote = name;
    this.code = code;
    this.hint = hint;
  }
}

/** The calling side of a connection. */
export class Connection {
  readonly #socket: Socket;
  readonly #pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #next = 1;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  /** Told of what the other side says unasked. */
  onEvent: (event: string, parameters: unknown) => void = () => {};
  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#pending.values()) reject(new Error('the lab is gone'));
        this.#pending.clear();
        resolve();
      });
    });
    receive(socket, ({ id, event, parameters, result, error }) => {
      if (event !== undefined) {
        this.onEvent(event, parameters);
        return;
      }
      const call = this.#pending.get(id!);
      this.#pending.delete(id!);
      if (error) call?.reject(new RemoteError(error));
      else call?.resolve(result as never);
    });
  }

  /** Calls a method; rejects with a `RemoteError`, or an `Error` where the connection ends first. */
  call<T>(method: string, parameters: unknown = {}): Promise<T> {
    if (this.#socket.destroyed) return Promise.reject(new Error('the lab is gone'));
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      send(this.#socket, { id, method, parameters });
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
