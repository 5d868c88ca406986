import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Observer } from '../drill/conditions.js';
import { NotTaken, type OperatorDesk } from '../drill/operator-desk.js';
import { stepText } from '../drill/steps.js';
import { packageFile } from '../paths.js';
import type { Event } from '../recording/events.js';
import { CannotRun } from '../runtime/errors.js';
import { Access, isOwn, type Role } from './access.js';
import { DrillProgress, type DrillState } from './drill-state.js';
import { parseMessage } from './messages.js';
import { type Reading, readingsOf } from './readings.js';

/** How often pages are told the time and how the probes fare, milliseconds. */
const TICK_MS = 500;

/** How long what changes is gathered before pages are told, milliseconds. */
const GATHER_MS = 20;

/** Readings that a page shows: a minute. */
const READINGS = 120;

/** Pages that may be open, and bytes that a slow one may have waiting for it before it is left to come again. */
const MOST_PAGES = 50;
const MOST_WAITING = 4 << 20;

/** Longest message, bytes. */
const LONGEST = 64 << 10;

/** Headers of every answer: nothing may be kept, framed, embedded or guessed at, and nothing from elsewhere is loaded. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Something that can be asked for. */
interface Place {
  role: Role;
  method: 'GET' | 'POST';
  answer(request: IncomingMessage, response: ServerResponse): void;
}

/** A page that somebody has open. */
interface Page {
  role: Role;
  response: ServerResponse;
}

/** What those who are drilled may know: that a drill is on, and what they are asked. Neither its title nor what is broken. */
const forOperators = ({ instruction, past, trial, over }: DrillState) => ({
  trial,
  instruction,
  past,
  isOver: over !== undefined,
});

/**
 * A page on this machine's own address that shows a running drill and takes what operators say. Whoever has the address with its token may
 * come in; anybody else gets nothing.
 */
export class ControlRoom implements AsyncDisposable {
  readonly #desk: OperatorDesk;
  readonly #server: Server;
  readonly #access: Access;
  readonly #progress = new DrillProgress(({ steps }) => steps.map(stepText));
  readonly #pages = new Set<Page>();
  readonly #readings: { t: number; readings: Reading[] }[] = [];
  readonly #tick: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;
  #observer: Observer | undefined;

  private constructor(server: Server, desk: OperatorDesk) {
    this.#server = server;
    this.#desk = desk;
    this.#access = new Access((server.address() as AddressInfo).port);
    server.on('request', (request, response) => this.#answer(request, response));
    this.#tick = setInterval(() => this.#read(), TICK_MS);
  }

  /**
   * Opens a control room.
   * @param port 0 for any that is free
   * @throws CannotRun where the port is taken
   */
  static async open({ desk, port }: { desk: OperatorDesk; port: number }): Promise<ControlRoom> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    }).catch((error: NodeJS.ErrnoException) => {
      throw new CannotRun(`cannot open the control room on port ${port}: ${error.code}`, {
        hint: 'choose another one with --ui-port',
        cause: error,
      });
    });
    return new ControlRoom(server, desk);
  }

  /** Address for a role, with its token. */
  address(role: Role): string {
    const { port } = this.#server.address() as AddressInfo;
    const path = role === 'director' ? '' : 'operator';
    return `http://127.0.0.1:${port}/${path}?token=${this.#access.tokens[role]}`;
  }

  /** Takes an event that was recorded. */
  notice(event: Event): void {
    if (event.k === 'scenario') this.#readings.length = 0;
    if (event.k === 'end') this.#observer = undefined;
    if (this.#progress.add(event)) this.#change();
  }

  /** Takes what looks at the running drill. */
  watch(observer: Observer): void {
    this.#observer = observer;
  }

  /** Takes what the drill came to. */
  judged(over: { verdict: string; reason: string }): void {
    this.#progress.judged(over);
    this.#change();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#tick);
    clearTimeout(this.#gathering);
    this.#tellState(this.#pages);
    for (const { response } of this.#pages) response.end('event: end\ndata: {}\n\n');
    const closed = new Promise((resolve) => void this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const patience = setTimeout(() => this.#server.closeAllConnections(), 1000);
    await closed;
    clearTimeout(patience);
  }

  #change(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#tellState(this.#pages);
    }, GATHER_MS);
  }

  #read(): void {
    const t = this.#desk.now;
    if (this.#observer && t !== undefined) {
      this.#readings.push({ t, readings: readingsOf(this.#observer) });
      if (this.#readings.length > READINGS) this.#readings.shift();
    }
    for (const page of this.#pages) this.#tellReadings(page);
  }

  #tellState(pages: Iterable<Page>): void {
    const { state } = this.#progress;
    for (const page of pages)
      this.#tell(page, 'state', page.role === 'director' ? state : forOperators(state));
  }

  #tellReadings(page: Page): void {
    this.#tell(page, 'readings', page.role === 'director' ? this.#readings : []);
  }

  /** Tells a page something, and the time: what somebody does after that was done no earlier. */
  #tell(page: Page, event: string, what: object): void {
    const { response } = page;
    const data = JSON.stringify({ told: this.#desk.now ?? null, what });
    if (response.writableLength > MOST_WAITING) response.destroy();
    else response.write(`event: ${event}\ndata: ${data}\n\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const { pathname, searchParams: query } = urlOf(request);
    const place = Object.hasOwn(this.#places, pathname) ? this.#places[pathname] : undefined;
    const refusal = this.#refusalOf(request, query, place);
    if (!place || refusal) {
      refuse(response, ...(refusal ?? [404, 'there is nothing here']));
      return;
    }
    const cookie = this.#access.cookieFor(query.get('token') ?? '');
    if (cookie) response.setHeader('Set-Cookie', cookie);
    place.answer(request, response);
  }

  #refusalOf(
    { headers, method }: IncomingMessage,
    query: URLSearchParams,
    place: Place | undefined,
  ): [number, string] | undefined {
    if (!isOwn(headers)) return [403, 'this page is for the machine that it is on'];
    // Whoever has no token does not learn what there is.
    if (!this.#access.allows(place?.role ?? 'operator', headers, query))
      return [403, 'open the address with the token that faildrill printed'];
    return place && method !== place.method ? [405, `this takes ${place.method}`] : undefined;
  }

  #follow(role: Role, response: ServerResponse): void {
    if (this.#pages.size >= MOST_PAGES) {
      refuse(response, 503, 'too many pages are open');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    const page = { role, response };
    this.#pages.add(page);
    response.on('close', () => this.#pages.delete(page));
    // One that lost its connection tries again after a second.
    response.write('retry: 1000\n\n');
    this.#tellState([page]);
    this.#tellReadings(page);
  }

  /** Takes what a page sent. Returns why not, where that is so. */
  async #take(request: IncomingMessage): Promise<[number, string] | undefined> {
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      return [415, 'this takes application/json'];
    const text = await bodyOf(request);
    if (text === undefined) return [413, 'the message is too long'];
    const message = parseMessage(text);
    if (typeof message === 'string') return [400, message];
    try {
      this.#desk.take(message.act, message.sight);
      return undefined;
    } catch (error) {
      if (error instanceof NotTaken) return [409, error.message];
      throw error;
    }
  }

  readonly #places: Record<string, Place> = {
    '/': { role: 'director', method: 'GET', answer: file('page.html', 'text/html') },
    '/operator': { role: 'operator', method: 'GET', answer: file('page.html', 'text/html') },
    '/page.css': { role: 'operator', method: 'GET', answer: file('page.css', 'text/css') },
    '/page.js': { role: 'operator', method: 'GET', answer: file('page.js', 'text/javascript') },
    '/events': {
      role: 'director',
      method: 'GET',
      answer: (_, response) => this.#follow('director', response),
    },
    '/operator/events': {
      role: 'operator',
      method: 'GET',
      answer: (_, response) => this.#follow('operator', response),
    },
    '/acts': {
      role: 'operator',
      method: 'POST',
      answer: (request, response) => {
        this.#take(request).then(
          (refusal) => (refusal ? refuse(response, ...refusal) : response.writeHead(204).end()),
          (error: Error) => refuse(response, 500, error.message),
        );
      },
    },
  };
}

/** What a request asks for; what no address could be asks for nothing. */
const urlOf = ({ url = '' }: IncomingMessage): URL =>
  new URL(URL.canParse(url, 'http://127.0.0.1') ? url : '/?', 'http://127.0.0.1');

/** Reads a request's body; nothing where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers with a file of the page. */
function file(name: string, type: string): Place['answer'] {
  const content = readFileSync(packageFile(`src/control-room/page/${name}`));
  return (_, response) => {
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': content.length });
    response.end(content);
  };
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${why}\n`);
}
