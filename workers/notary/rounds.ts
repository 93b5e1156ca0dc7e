/**
 * The notary's rounds: looks outside, seals what waits, publishes, and says how it stands. Refuses to sign while anything outside
 * does not fit the database, and comes back to it each round.
 */
import type { Destination } from '../../activities/audit/destination.js';
import type { SigningKey } from '../../activities/audit/note.js';
import { compareOutside, publish } from '../../activities/audit/publish.js';
import { createSealer } from '../../activities/audit/seal.js';
import type { Db } from '../../activities/store/db.js';
import { messageOf } from '../../workflows/domain/failure.js';

export interface RoundsOptions {
  readonly db: Db;
  readonly key: SigningKey;
  readonly destinations: readonly Destination[];
  readonly everyMs: number;
  /** Unix milliseconds; the machine's clock unless given. */
  now?(): number;
}

export interface Rounds {
  /** One look: seals and publishes when it is time to. Never throws: what went wrong is in the standing. */
  look(): Promise<void>;
  standing(): Standing;
}

export interface Standing {
  /** A sentence when nothing is signed or published at present, and why. */
  readonly trouble: string | undefined;
  /** Unix milliseconds of the last time that everything was sealed and published. */
  readonly provedAtMs: number;
  readonly waiting: number;
  readonly sealed: number;
  readonly published: number;
}

/** Sealed at once by so many waiting, however young they are. */
const waitingMax = 1_000;
const linesPerCheckpoint = 5_000;
const sealingsPerLook = 20;

/** Not for two at once in a process; two processes take turns through the database. */
export function createRounds(options: RoundsOptions): Rounds {
  const { db, key, destinations, everyMs, now = Date.now } = options;
  const sealer = createSealer(db, key, now);
  const looked = new Set<string>();
  let standing: Standing = {
    trouble: undefined,
    provedAtMs: now(),
    waiting: 0,
    sealed: 0,
    published: 0,
  };

  const compareAll = async (): Promise<void> => {
    for (const destination of destinations) {
      const { name } = destination;
      await compareOutside(db, destination, looked.has(name) ? { key } : { key, deep: true });
      looked.add(name);
    }
  };

  const sealAll = async (): Promise<number> => {
    let lines = 0;
    for (let times = 0; times < sealingsPerLook; times += 1) {
      const sealed = await sealer.seal(linesPerCheckpoint);
      lines += sealed?.lines ?? 0;
      if (sealed?.more !== true) break;
    }
    return lines;
  };

  const round = async (): Promise<void> => {
    const { lines, oldestMs } = await sealer.waiting(waitingMax);
    standing = { ...standing, waiting: lines };
    const isDue = lines >= waitingMax || (lines > 0 && oldestMs >= everyMs / 2);
    if (!isDue && standing.trouble === undefined && looked.size === destinations.length) {
      if (lines === 0) standing = { ...standing, provedAtMs: now() };
      return;
    }
    await compareAll();
    const sealed = await sealAll();
    let published = 0;
    for (const destination of destinations) published += await publish(db, destination);
    standing = {
      trouble: undefined,
      provedAtMs: now(),
      waiting: 0,
      sealed: standing.sealed + sealed,
      published: standing.published + published,
    };
  };

  return {
    async look() {
      try {
        await round();
      } catch (error) {
        looked.clear();
        standing = { ...standing, trouble: messageOf(error) };
      }
    },
    standing: () => standing,
  };
}
