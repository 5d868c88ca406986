import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What somebody may see: all of the drill, or, to be drilled, only what they are asked. Who directs may see both. */
export type Role = 'director' | 'operator';

const ROLES: readonly Role[] = ['director', 'operator'];

/** Names under which this machine's own address may be asked: another one is a name that somebody else's DNS points here. */
const HOSTS = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Who may come in: those who have a token. Each run has its own. */
export class Access {
  readonly tokens: Record<Role, string>;
  readonly #port: number;

  constructor(port: number) {
    const make = () => randomBytes(24).toString('base64url');
    this.tokens = { director: make(), operator: make() };
    this.#port = port;
  }

  /** Whether a request brings along a token that is good for a role. */
  allows(role: Role, headers: IncomingHttpHeaders, query: URLSearchParams): boolean {
    const roles = this.#tokensOf(headers, query).flatMap((token) => this.#roleOf(token) ?? []);
    return roles.includes('director') || roles.includes(role);
  }

  /** The header that makes a browser remember a token that came with an address; nothing for a wrong one. */
  cookieFor(token: string): string | undefined {
    const role = this.#roleOf(token);
    return role && `${this.#cookie(role)}=${token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Cookies do not tell ports apart, so their names do. */
  #cookie(role: Role): string {
    return `faildrill-${this.#port}-${role}`;
  }

  /** How long it takes says nothing of the tokens. */
  #roleOf(token: string): Role | undefined {
    const given = digest(token);
    return ROLES.filter((role) => timingSafeEqual(given, digest(this.tokens[role])))[0];
  }

  #tokensOf({ authorization = '', cookie = '' }: IncomingHttpHeaders, query: URLSearchParams): string[] {
    const [, bearer] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
    const names = ROLES.map((role) => this.#cookie(role));
    const cookies = cookie.split(';').map((pair) => pair.trim().split('=') as [string, string?]);
    return [
      ...query.getAll('token'),
      ...(bearer === undefined ? [] : [bearer]),
      ...cookies.flatMap(([name, value = '']) => (names.includes(name) ? [value] : [])),
    ];
  }
}

/**
 * Whether a request was meant for this machine and comes from a page of its own, or from no page at all. What a browser was made to send by
 * a page from elsewhere says so in its Origin; what came by a name of somebody else's says so in its Host.
 */
export const isOwn = ({ host = '', origin }: IncomingHttpHeaders): boolean =>
  HOSTS.test(host) && (origin === undefined || origin === `http://${host}`);
