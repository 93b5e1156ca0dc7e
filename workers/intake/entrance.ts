/**
 * A request at its door: what it shows, who says yes to it, and whether it was here before. Before its body where that
 * suffices, else over the raw bytes; never over anything parsed. Nothing of what it shows leaves this file but to schemes.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Headers, Sender } from '../../activities/senders/sender.js';
import { nearer } from './authentication.js';
import type { Authentication, Verdict } from './authentication.js';
import { Refusal } from './refusal.js';
import { createReplayCache, replayKeyOf } from './replay-cache.js';
import type { ReplayCache } from './replay-cache.js';
import type { Admission, Scheme, Shown } from './schemes/scheme.js';
import { certificateOf } from './tls.js';

/** One sender and who may speak for it. */
export interface Door {
  readonly sender: Sender;
  readonly authentication: Authentication;
}

/** A request that was let in. */
export interface Delivery {
  readonly body: Buffer;
  readonly headers: Headers;
  /** The very same delivery was committed before. */
  readonly isReplay: boolean;
  /** Does what the sender asks for before it sends alerts. Throws Unavailable. */
  confirm(): Promise<void>;
  /** It is committed: from now on it is a replay. */
  remember(): void;
}

export interface Entrance {
  /** Throws a Refusal when nobody can admit it, whatever its body is. */
  beforeBody(request: FastifyRequest): Promise<void>;
  /** Throws a Refusal, or Unavailable when a scheme cannot tell now. */
  admit(request: FastifyRequest): Promise<Delivery>;
}

interface Arrived {
  readonly shown: Shown;
  readonly verdict: Verdict;
}

/** The entrance of one door; its replays are its own. */
export function createEntrance({ authentication }: Door): Entrance {
  const arrived = new WeakMap<FastifyRequest, Arrived>();
  const replays = createReplayCache();
  return {
    async beforeBody(request) {
      const shown = shownOf(request.raw);
      const verdict = await authentication.beforeBody(shown);
      if (verdict.scheme === null && !authentication.needsBody)
        throw refusalOf(verdict, authentication);
      arrived.set(request, { shown, verdict });
    },
    async admit(request) {
      const early = arrived.get(request);
      const shown = { ...(early?.shown ?? shownOf(request.raw)), body: bytesOf(request.body) };
      const before = early?.verdict ?? { admission: 'no-secret', scheme: null };
      const verdict = before.scheme ? before : nearer(before, await authentication.overBody(shown));
      if (verdict.scheme === null) throw refusalOf(verdict, authentication);
      return deliveryOf(shown, verdict.scheme, replays);
    },
  };
}

function shownOf(raw: IncomingMessage): Shown {
  return {
    headers: headersOf(raw),
    url: raw.url ?? '',
    body: Buffer.alloc(0),
    certificate: certificateOf(raw.socket),
    nowMs: Date.now(),
  };
}

/** All values of a header that came more than once: node would drop the second Authorization without a word. */
function headersOf({ headersDistinct }: IncomingMessage): Headers {
  return Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, values?.join(', ')]),
  );
}

/** A request without a body has no bytes; then nothing is signed but those. */
function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function deliveryOf(shown: Shown, scheme: Scheme, replays: ReplayCache): Delivery {
  const { body, headers, nowMs } = shown;
  const id = scheme.deliveryId?.(shown);
  const key = id === undefined ? undefined : replayKeyOf(id, body);
  return {
    body,
    headers,
    isReplay: key !== undefined && replays.has(key, nowMs),
    confirm: async () => scheme.confirm?.(shown),
    remember: () => {
      if (key !== undefined) replays.add(key, nowMs);
    },
  };
}

const messages: Record<Exclude<Admission, 'admitted'>, string> = {
  'no-secret': 'the request shows no secret',
  'wrong-secret': 'the secret is not one of those in use',
  stale: 'the secret fits, but what it is for is too old or not yet due',
};

function refusalOf({ admission }: Verdict, { fix }: Authentication): Refusal {
  const why = admission === 'admitted' ? 'wrong-secret' : admission; // no scheme, no admission
  return new Refusal(why, messages[why], { fix });
}
