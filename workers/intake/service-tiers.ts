/**
 * How much each service matters, for the order in which a storm lets its alerts go; from the policy file, read again when it
 * is a minute old. It permits nothing: a file that is missing or wrong only means that age alone decides.
 */
import { readPolicyFile } from '../../activities/policy/source.js';
import type { ServiceTiers } from '../../activities/store/letting-go.js';
import type { Tier } from '../../workflows/domain/entry.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { minutes } from '../../workflows/domain/time.js';
import type { Log } from './server.js';

export interface ServiceTiersParts {
  readonly path: string;
  readonly log: Log;
  readonly everyMs?: number;
}

export function createServiceTiers(parts: ServiceTiersParts): ServiceTiers {
  const { path, log, everyMs = minutes(1) } = parts;
  let tiers: ReadonlyMap<string, Tier> = new Map();
  let readAtMs = -Infinity;
  let works = true;
  return async () => {
    const nowMs = performance.now();
    if (nowMs - readAtMs < everyMs) return tiers;
    readAtMs = nowMs;
    try {
      const { services } = await readPolicyFile(path);
      tiers = new Map(Object.entries(services).map(([service, { tier }]) => [service, tier]));
      works = true;
    } catch (error) {
      const why = messageOf(error);
      if (works) log.warn({ why }, 'a storm goes by age alone: no tiers can be read');
      works = false;
      tiers = new Map();
    }
    return tiers;
  };
}
