/**
 * The keys a tenant of Microsoft Entra ID signs with: fetched from its own place, kept for a day, asked for anew once when a
 * token names one that is not there. Everything is bounded, for whoever can reach us can name keys.
 */
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { hours, minutes, seconds } from '../../../workflows/domain/time.js';
import { Unavailable } from '../refusal.js';

/** The tenant's key set as it was sent; throws when it cannot be had now. */
export type FetchKeys = (tenant: string) => Promise<unknown>;

export interface EntraKeys {
  /** Undefined when the tenant has no such key; throws Unavailable when that cannot be told now. */
  at(tenant: string, kid: string): Promise<KeyObject | undefined>;
}

/** Microsoft says a day; a key that it takes off is trusted no longer than that. */
const keptMs = hours(24);
/** Between two fetches: while the keys are fresh, and after one that failed. */
const againMs = minutes(5);
const againAfterErrorMs = seconds(5);
const fetchTimeoutMs = seconds(3);
/** Entra's sets are about 15 KB, of some ten keys. */
const setBytesMax = 256 * 1024;
const keysMax = 100;
const modulusBitsMin = 2048;

const keySet = z.object({ keys: z.array(z.unknown()).max(keysMax) });
const signingKey = z.looseObject({
  kty: z.literal('RSA'),
  use: z.literal('sig').optional(),
  kid: z.string().min(1).max(512),
  n: z.string().regex(/^[\w-]{340,1400}$/),
  e: z.string().regex(/^[\w-]{1,8}$/),
});

interface Kept {
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly fetchedAtMs: number;
  /** Not before this is it tried again. */
  readonly nextAtMs: number;
  /** The latest try came to nothing: what is not known may be there by now. */
  readonly isAway: boolean;
}

const nothing: Kept = {
  keys: new Map(),
  fetchedAtMs: -Infinity,
  nextAtMs: -Infinity,
  isAway: true,
};

/** Asks nobody until it is asked. Tenants come from the settings, so there are few. */
export function createEntraKeys(fetchKeys: FetchKeys, now = () => performance.now()): EntraKeys {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Kept>>();
  const fetched = async (tenant: string): Promise<Kept> => {
    const before = kept.get(tenant) ?? nothing;
    try {
      const keys = keysOf(await fetchKeys(tenant));
      const known = { keys, fetchedAtMs: now(), nextAtMs: now() + againMs, isAway: false };
      kept.set(tenant, known);
      return known;
    } catch {
      kept.set(tenant, { ...before, nextAtMs: now() + againAfterErrorMs, isAway: true });
      throw away();
    } finally {
      underWay.delete(tenant);
    }
  };
  const fetchOnce = (tenant: string): Promise<Kept> => {
    const begun = underWay.get(tenant) ?? fetched(tenant);
    underWay.set(tenant, begun);
    return begun;
  };
  return {
    async at(tenant, kid) {
      const known = kept.get(tenant) ?? nothing;
      const isFresh = now() - known.fetchedAtMs < keptMs;
      const key = known.keys.get(kid);
      if (isFresh && key !== undefined) return key;
      if (now() >= known.nextAtMs || underWay.has(tenant)) {
        return (await fetchOnce(tenant)).keys.get(kid);
      }
      if (known.isAway) throw away();
      return undefined; // it was asked just now, and has no such key
    },
  };
}

function away(): Unavailable {
  return new Unavailable('keys-away', "the tenant's keys cannot be fetched");
}

/** Those that can be used; one that cannot is passed over. Throws for what is no key set, or has no usable key. */
function keysOf(sent: unknown): ReadonlyMap<string, KeyObject> {
  const keys = new Map(keySet.parse(sent).keys.flatMap(keyOf));
  if (keys.size === 0) throw new Error('the key set has no key to use');
  return keys;
}

function keyOf(sent: unknown): [string, KeyObject][] {
  const checked = signingKey.safeParse(sent);
  if (!checked.success) return [];
  const { kid, kty, n, e } = checked.data;
  try {
    const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits >= modulusBitsMin ? [[kid, key]] : [];
  } catch {
    return [];
  }
}

/** Over the network: no redirect, 3 s, 256 KiB. */
export function fetchKeysFrom(authority: string): FetchKeys {
  return async (tenant) => {
    const url = new URL(`/${tenant}/discovery/v2.0/keys`, authority);
    const signal = AbortSignal.timeout(fetchTimeoutMs);
    const response = await fetch(url, { redirect: 'error', signal });
    if (response.status !== 200 || response.body === null) {
      throw new Error(`the tenant answered ${response.status} for its keys`);
    }
    const chunks: Uint8Array[] = [];
    let lengthBytes = 0;
    for await (const chunk of response.body) {
      lengthBytes += chunk.length;
      if (lengthBytes > setBytesMax) throw new Error('the key set is too large');
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks, lengthBytes).toString('utf8')) as unknown;
  };
}

/** Microsoft's own, of the public cloud. */
export const fetchEntraKeys = fetchKeysFrom('https://login.microsoftonline.com');
