/**
 * What this process knows of storms: it asks the store once a second, and at once when it sees a crowd of new firings itself.
 * It decides which firings are left in the inbox for now; it delivers none and holds none.
 */
import type { Pending } from '../../activities/store/inbox.js';
import type { StormSettings } from '../../activities/store/storm-rules.js';
import type { Storm, Storms } from '../../activities/store/storms.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import { createCrowd } from './crowd.js';
import type { Log } from './server.js';

export interface StormWatchParts {
  readonly storms: Storms;
  readonly settings: StormSettings;
  readonly log: Log;
}

export interface StormWatch {
  /** A row that was committed by this process just now. */
  seen(row: Pending): void;
  /** True for a firing that must not begin now: the store lets it go when its turn comes. */
  holds(row: Pending): boolean;
  /** Storms that are on. */
  on(): number;
  /** Resolves when the look under way has ended. */
  stop(): Promise<void>;
}

const everyMs = seconds(1);
/** Between two looks, however crowded it is. */
const restMs = 100;

/** Looks at once and from then on. While the database is away it goes by what it knew last. */
export function createStormWatch({ storms, settings, log }: StormWatchParts): StormWatch {
  const crowd = createCrowd(settings.firingsMax);
  const bell = createBell();
  const stopped = new AbortController();
  let on: ReadonlyMap<string, Storm> = new Map();
  const look = async (): Promise<void> => {
    on = new Map((await storms.look()).map((storm) => [storm.domain, storm]));
    crowd.clear();
    await storms.turn();
  };
  const watched = watch({ look, bell, log, stopped: stopped.signal });
  return {
    seen({ alert }) {
      if (alert.status !== 'firing' || on.has(alert.environment)) return;
      if (crowd.add(alert.environment)) bell.ring();
    },
    holds({ alert, receivedAtMs, isLetGo = false }) {
      if (alert.status !== 'firing' || isLetGo) return false;
      const storm = on.get(alert.environment);
      if (storm === undefined) return crowd.isIn(alert.environment);
      return receivedAtMs > storm.beganAtMs - settings.withinMs;
    },
    on: () => on.size,
    stop() {
      stopped.abort();
      bell.ring();
      return watched;
    },
  };
}

interface Watching {
  readonly look: () => Promise<void>;
  readonly bell: Bell;
  readonly log: Log;
  readonly stopped: AbortSignal;
}

async function watch({ look, bell, log, stopped }: Watching): Promise<void> {
  let works = true;
  while (!stopped.aborted) {
    try {
      await look();
      works = true;
    } catch (error) {
      if (works) log.warn({ why: messageOf(error) }, 'storms cannot be looked for');
      works = false;
    }
    await bell.rest(restMs, stopped);
    await bell.wait(everyMs - restMs);
  }
}

interface Bell {
  ring(): void;
  /** A pause that a ring cuts short; a ring before it counts. */
  wait(forMs: number): Promise<void>;
  /** A pause that only the end cuts short. */
  rest(forMs: number, stopped: AbortSignal): Promise<void>;
}

function createBell(): Bell {
  let rung = false;
  let wake = (): void => undefined;
  const pause = (forMs: number, isOver: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (isOver()) return resolve();
      const timer = setTimeout(resolve, forMs);
      wake = () => {
        if (!isOver()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(forMs) {
      await pause(forMs, () => rung);
      rung = false;
    },
    rest: (forMs, stopped) => pause(forMs, () => stopped.aborted),
  };
}
