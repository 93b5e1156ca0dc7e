/** Posts over kept-alive connections, as Alertmanager does; tries nothing twice. */
import { Agent, request } from 'node:http';
import { clockMs } from './clock.js';

export interface Door {
  readonly url: string;
  readonly token: string;
}

export interface Posted {
  readonly sentMs: number;
  /** When the answer was here. */
  readonly acceptedMs: number;
  readonly status: number;
}

const connectionsMax = 64;
const answerWithinMs = 30_000;
const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });

/** Rejects unless it is accepted. */
export async function postAlert({ url, token }: Door, body: string): Promise<Posted> {
  const headers = { authorization: `Bearer ${token}` };
  const posted = await post(`${url}/v1/alerts/alertmanager`, { body, headers });
  if (posted.status !== 202) throw new Error(`the intake answered ${posted.status}`);
  return posted;
}

/** Whatever the answer's status is. Rejects when there is none within 30 seconds. */
export function post(
  url: string,
  { body, headers }: { readonly body: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<Posted> {
  const sentMs = clockMs();
  const all = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent, headers: all, timeout: answerWithinMs };
    const sent = request(url, options, (response) => {
      const acceptedMs = clockMs();
      response.resume();
      resolve({ sentMs, acceptedMs, status: response.statusCode ?? 0 });
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer within 30 seconds')));
    sent.once('error', reject);
    sent.end(body);
  });
}
