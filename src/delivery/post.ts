/** How long a receiver may take, milliseconds. */
export const PATIENCE = 10_000;

/** Most of an answer that is worth showing, characters. */
const SHOWN = 200;

/** Something to send by HTTP. */
export interface Message {
  method?: 'POST' | 'PUT';
  type: string;
  body: string;
}

/**
 * Sends by HTTP.
 * @throws Error where it was not taken: without the address, whose path is often a secret
 */
export async function send(to: URL, { method = 'POST', type, body }: Message): Promise<void> {
  const { username, password } = to;
  const address = new URL(to);
  address.username = address.password = '';
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const response = await fetch(address, {
    method,
    body,
    headers: {
      'content-type': type,
      ...(username && { authorization: `Basic ${credentials.toString('base64')}` }),
    },
    // A redirect would turn a POST into a GET.
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  }).catch((error: Error) => {
    const cause = error.cause as Error | undefined;
    throw new Error(
      error.name === 'TimeoutError' ? `no answer in ${PATIENCE / 1000} s` : (cause ?? error).message,
    );
  });
  const said = (await response.text().catch(() => '')).replace(/\s+/g, ' ').trim().slice(0, SHOWN);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}${said && `: ${said}`}`);
}

/** Sends JSON. */
export const sendJson = (to: URL, value: unknown): Promise<void> =>
  send(to, { type: 'application/json; charset=utf-8', body: JSON.stringify(value) });
