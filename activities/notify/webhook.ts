/** Tells people through any system that takes a POST of JSON. One attempt at a time; when to try again is not its business. */
import { instantText, seconds } from '../../workflows/domain/time.js';
import type { Channel, Letter } from './channel.js';

export interface WebhookOptions {
  /** May carry a token: never logged, and in no error. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Any 2xx is taken; a redirect is not followed, since it could lead the notice to somebody else. */
export function webhookChannel({
  url,
  headers = {},
  timeoutMs = seconds(5),
}: WebhookOptions): Channel {
  return {
    name: 'webhook',
    async deliver(letter, signal) {
      const response = await post(url, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': letter.id },
        body: JSON.stringify(bodyOf(letter)),
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
    },
  };
}

function bodyOf({ id, run, to, urgency, title, text, createdAtMs }: Letter) {
  return { version: 1, id, run, to, urgency, title, text, createdAt: instantText(createdAtMs) };
}

/** fetch names the address in some of its errors; ours name what went wrong only. */
async function post(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new Error(`the webhook could not be reached: ${causeOf(error)}`);
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown cause';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : error.name;
}
