/** Posts alerts to an intake over kept-alive connections, as Alertmanager does; tries nothing twice. */
import { Agent, request } from 'node:http';
import { clockMs } from './clock.js';

export interface Door {
  readonly url: string;
  readonly token: string;
}

export interface Posted {
  readonly sentMs: number;
  /** When the 202 was here. */
  readonly acceptedMs: number;
}

const connectionsMax = 64;
const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });

/** Rejects unless it is accepted. */
export function postAlert({ url, token }: Door, body: string): Promise<Posted> {
  const sentMs = clockMs();
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    authorization: `Bearer ${token}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/alerts/alertmanager`,
      { method: 'POST', agent, headers },
      (response) => {
        const acceptedMs = clockMs();
        response.resume();
        if (response.statusCode === 202) resolve({ sentMs, acceptedMs });
        else reject(new Error(`the intake answered ${response.statusCode ?? 'nothing'}`));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
