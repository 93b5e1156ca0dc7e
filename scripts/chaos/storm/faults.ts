/** Everything chaos does to the engine: which faults there are, how hard each hits, and on what. Chooses by the seed alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../rig/chance.js';
import type { Exposed, Ground } from '../rig/ground.js';
import type { Weather } from '../wire/link.js';
import { fleetSize, serviceName } from '../world/fleet.js';
import { stopFor, type Stop } from './stops.js';

export const faultKinds = [
  'kill-worker',
  'kill-intake',
  'kill-postgres',
  'kill-temporal',
  'pause-worker',
  'pause-intake',
  'pause-postgres',
  'pause-temporal',
  'cut-link',
  'hold-link',
  'slow-link',
  'move-clock',
  'stop-switch',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A fault that is about to be done. */
export interface Strike {
  readonly kind: FaultKind;
  /** Never hit by two at once. */
  readonly target: string;
  readonly says: string;
  readonly lastsMs: number;
  /** A stop that was in force meanwhile, if it was one. */
  readonly run: () => Promise<Stop | undefined>;
}

/** How often each comes, beside the others. */
const weights: Readonly<Record<FaultKind, number>> = {
  'kill-worker': 5,
  'kill-intake': 4,
  'kill-postgres': 2,
  'kill-temporal': 2,
  'pause-worker': 5,
  'pause-intake': 2,
  'pause-postgres': 2,
  'pause-temporal': 2,
  'cut-link': 5,
  'hold-link': 3,
  'slow-link': 3,
  'move-clock': 4,
  'stop-switch': 3,
};
const deck = faultKinds.flatMap((kind) => Array.from({ length: weights[kind] }, () => kind));

export function nextStrike(ground: Ground, chance: Chance): Strike {
  const kind = chance.pick(deck);
  switch (kind) {
    case 'kill-worker':
    case 'kill-intake':
      return killPart(
        kind,
        chance.pick(kind === 'kill-worker' ? ground.workers : ground.intakes),
        chance,
      );
    case 'pause-worker':
    case 'pause-intake':
      return pausePart(
        kind,
        chance.pick(kind === 'pause-worker' ? ground.workers : ground.intakes),
        chance,
      );
    case 'kill-postgres':
      return killServer(kind, ground.postgres, chance);
    case 'kill-temporal':
      return killServer(kind, ground.temporal, chance);
    case 'pause-postgres':
      return pauseServer(kind, ground.postgres, chance);
    case 'pause-temporal':
      return pauseServer(kind, ground.temporal, chance);
    case 'cut-link':
      return changeLink(
        { kind, ground, weather: 'cut', lastsMs: chance.between(200, 5_000) },
        chance,
      );
    case 'hold-link':
      return changeLink(
        { kind, ground, weather: 'held', lastsMs: chance.between(500, 8_000) },
        chance,
      );
    case 'slow-link': {
      const weather = { delayMs: chance.whole(5, 150) };
      return changeLink({ kind, ground, weather, lastsMs: chance.between(1_000, 8_000) }, chance);
    }
    case 'move-clock':
      return moveClock(kind, chance.pick([...ground.workers, ...ground.intakes]), chance);
    case 'stop-switch':
      return stopSwitch(kind, ground, chance);
  }
}

function killPart(kind: FaultKind, { part }: Exposed, chance: Chance): Strike {
  const lastsMs = chance.between(50, 3_000);
  return strike({ kind, target: part.name, says: 'SIGKILL', lastsMs }, () => part.kill(lastsMs));
}

/** Beyond the three seconds after which Temporal and the claims give a silent worker up, more often than not. */
function pausePart(kind: FaultKind, { part }: Exposed, chance: Chance): Strike {
  const lastsMs = chance.between(200, 9_000);
  return strike({ kind, target: part.name, says: 'SIGSTOP', lastsMs }, () => part.pause(lastsMs));
}

interface Stoppable {
  readonly name: string;
  kill(downMs: number): Promise<void>;
  pause(durationMs: number): Promise<void>;
}

function killServer(kind: FaultKind, server: Stoppable, chance: Chance): Strike {
  const lastsMs = chance.between(50, 3_000);
  return strike({ kind, target: server.name, says: 'SIGKILL', lastsMs }, () =>
    server.kill(lastsMs),
  );
}

function pauseServer(kind: FaultKind, server: Stoppable, chance: Chance): Strike {
  const lastsMs = chance.between(200, 6_000);
  return strike({ kind, target: server.name, says: 'SIGSTOP', lastsMs }, () =>
    server.pause(lastsMs),
  );
}

interface LinkChange {
  readonly kind: FaultKind;
  readonly ground: Ground;
  readonly weather: Weather;
  readonly lastsMs: number;
}

function changeLink({ kind, ground, weather, lastsMs }: LinkChange, chance: Chance): Strike {
  const { part, toPostgres, toTemporal } = chance.pick([...ground.workers, ...ground.intakes]);
  const [link, server] = chance.happens(0.5)
    ? ([toPostgres, 'postgres'] as const)
    : ([toTemporal, 'temporal'] as const);
  const says = typeof weather === 'object' ? `${weather.delayMs} ms slower` : weather;
  return strike({ kind, target: `${part.name} to ${server}`, says, lastsMs }, async () => {
    link.become(weather);
    await sleep(lastsMs);
    link.become('clear');
  });
}

const hourMs = 3_600_000;

/** Forwards or backwards, by less than a second or by up to two hours; then right again, which is another jump. */
function moveClock(kind: FaultKind, { part, moveClock: move }: Exposed, chance: Chance): Strike {
  const sizeMs = chance.happens(0.3) ? 1_000 : chance.happens(0.5) ? 60_000 : 2 * hourMs;
  const offsetMs = Math.round(chance.between(-sizeMs, sizeMs));
  const lastsMs = chance.between(1_000, 15_000);
  const says = `its Date by ${Math.round(offsetMs / 100) / 10} s`;
  return strike({ kind, target: `clock of ${part.name}`, says, lastsMs }, async () => {
    move(offsetMs);
    await sleep(lastsMs);
    move(0);
  });
}

function stopSwitch(kind: FaultKind, { db }: Ground, chance: Chance): Strike {
  const service = `service:${serviceName(chance.whole(0, fleetSize - 1))}`;
  const scope = chance.pick(['everything', 'class:restart', 'runbook:tune-retries', service]);
  const lastsMs = chance.between(300, 3_000);
  const about = { kind, target: `switch ${scope}`, says: `stopped ${scope}`, lastsMs };
  return { ...about, run: () => stopFor(db, scope, lastsMs) };
}

function strike(about: Omit<Strike, 'run'>, work: () => Promise<void>): Strike {
  return {
    ...about,
    async run() {
      await work();
      return undefined;
    },
  };
}
