/**
 * Tells the ledger, and whoever is on call, of secrets that do not fit: at once for the first, then at most once a
 * minute and source, with how many.
 * A sender whose secret is wrong loses its alerts in silence, and so does one whose clock is. Keeps no secret.
 */
import type { TurnedAway } from '../../activities/store/turned-away.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { minutes } from '../../workflows/domain/time.js';
import type { Log } from './server.js';

export interface WrongSecretsParts {
  /** Into the ledger, and now and then a page. */
  readonly write: (told: TurnedAway) => Promise<void>;
  readonly log: Log;
  readonly everyMs?: number;
}

export type WrongSecretWhy = 'wrong-secret' | 'stale';

export interface WrongSecrets {
  /** Sources come from the table of doors, so there are few. Never throws, never waits. */
  seen(source: string, why: WrongSecretWhy): void;
  /** Writes what is not written yet, once. */
  stop(): Promise<void>;
}

interface Tally {
  counts: Record<WrongSecretWhy, number>;
  readonly timer: NodeJS.Timeout;
}

export function createWrongSecrets(parts: WrongSecretsParts): WrongSecrets {
  const { everyMs = minutes(1) } = parts;
  const tallies = new Map<string, Tally>();
  const write = async (source: string, tally: Tally): Promise<void> => {
    const { counts } = tally;
    tally.counts = none();
    try {
      await parts.write(lineOf(source, counts));
    } catch (error) {
      parts.log.warn(
        { source, why: messageOf(error) },
        'the ledger cannot be told of wrong secrets',
      );
      tally.counts['wrong-secret'] += counts['wrong-secret'];
      tally.counts.stale += counts.stale;
    }
  };
  const turn = (source: string): void => {
    const tally = tallies.get(source);
    if (tally === undefined) return;
    if (totalOf(tally.counts) > 0) {
      void write(source, tally);
      return;
    }
    clearInterval(tally.timer);
    tallies.delete(source);
  };
  return {
    seen(source, why) {
      const known = tallies.get(source);
      const timer = known?.timer ?? setInterval(() => turn(source), everyMs).unref();
      const tally = known ?? { counts: none(), timer };
      tallies.set(source, tally);
      tally.counts[why] += 1;
      if (known === undefined) void write(source, tally);
    },
    async stop() {
      const open = [...tallies];
      tallies.clear();
      for (const [, { timer }] of open) clearInterval(timer);
      const left = open.filter(([, tally]) => totalOf(tally.counts) > 0);
      await Promise.all(left.map(([source, tally]) => write(source, tally)));
    },
  };
}

function none(): Record<WrongSecretWhy, number> {
  return { 'wrong-secret': 0, stale: 0 };
}

function totalOf(counts: Record<WrongSecretWhy, number>): number {
  return counts['wrong-secret'] + counts.stale;
}

function lineOf(source: string, counts: Record<WrongSecretWhy, number>): TurnedAway {
  const total = totalOf(counts);
  const what = counts['wrong-secret'] > 0 ? 'a secret that is not in use' : 'an old timestamp';
  const says = `${total} request${total === 1 ? '' : 's'} to ${source} turned away: ${what}`;
  const detail = { source, wrongSecret: counts['wrong-secret'], stale: counts.stale };
  return { source, says, detail };
}
