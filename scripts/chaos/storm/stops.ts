/** People who turn the switch off and on again under the storm, and when each stop surely held. Turns nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../activities/store/db.js';
import { resume } from '../../../activities/store/resume.js';
import { stop } from '../../../activities/store/switches.js';

/** Between these two instants the stop was committed and nobody had begun to lift it. */
export interface Stop {
  readonly scope: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const againAfterMs = 200;
const attemptsMax = 600;
const turning = { by: 'chaos', why: 'to see that it holds' };

/** Stops the scope for that long; through a PostgreSQL that is down for as long as it takes. */
export async function stopFor(db: Db, scope: string, durationMs: number): Promise<Stop> {
  await untilDone(() => stop(db, scope, turning));
  const fromMs = Date.now();
  await sleep(durationMs);
  const toMs = Date.now();
  await untilDone(() => lift(db, scope));
  return { scope, fromMs, toMs };
}

/** A resume whose answer was lost was done: the second one finds nothing stopped. */
async function lift(db: Db, scope: string): Promise<void> {
  try {
    await resume(db, scope, turning);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

async function untilDone(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attemptsMax) throw error;
      await sleep(againAfterMs);
    }
  }
}
