/**
 * Brings what the inbox holds to its runs: new rows right after their commit, and by a sweep every second whatever is
 * due, which is also how a crash is recovered from. In order per fingerprint, bounded, and for hours without Temporal.
 */
import type { Inbox, Pending, Settled } from '../../activities/store/inbox.js';
import { overText } from '../../activities/store/storms.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { Instruments } from './instruments.js';
import { createLanes } from './lanes.js';
import type { LaneAnswer, Lanes } from './lanes.js';
import { backoffMs, createOutage } from './outage.js';
import type { Outage } from './outage.js';
import { RunsAway } from './runs.js';
import type { Log } from './server.js';
import type { StormWatch } from './storm.js';
import { createSweeper } from './sweeper.js';

/** A row committed by this process just now. */
export interface Handed extends Pending {
  readonly behind: boolean;
}

export interface DispatcherParts {
  readonly inbox: Pick<Inbox, 'due' | 'settle' | 'postpone'>;
  readonly deliver: (alert: Alert) => Promise<Settled>;
  /** Stopped with the dispatcher. Without it every alert is delivered as it comes. */
  readonly storms?: StormWatch;
  readonly instruments: Instruments;
  readonly log: Log;
}

export interface Dispatcher {
  /** Takes rows over without waiting. What it has no room for, or no Temporal, is left to the sweep. */
  hand(rows: readonly Handed[]): void;
  isAway(): boolean;
  /** Rows in this process's hands. */
  size(): number;
  /** Takes nothing more, ends what is under way, and resolves; the rest stays in the inbox. */
  stop(): Promise<void>;
}

/** Starts in flight: enough to keep a development server busy, few enough to be fair to it. */
const atOnceMax = 32;
/** More are left in the inbox, which is the queue. */
const heldMax = 1_000;
/** Deliveries of one row that failed for a reason of its own, not of an absent Temporal. */
const attemptsMax = 20;

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const outage = createOutage();
  const holding = new Set<number>();
  let stopping = false;
  const lanes: Lanes<Pending> = createLanes<Pending>({
    keyOf: laneOf,
    work: (row) => (stopping ? Promise.resolve('drop') : work(parts, outage, row)),
    atOnceMax,
    heldMax,
  });
  const take = async (row: Pending): Promise<void> => {
    if (stopping || holding.has(row.id)) return;
    const done = lanes.add(row);
    if (done === false) return;
    holding.add(row.id);
    await done;
    holding.delete(row.id);
  };
  const sweeper = createSweeper({ inbox: parts.inbox, outage, take, log: parts.log });
  return {
    hand(rows) {
      for (const row of rows) parts.storms?.seen(row);
      if (outage.isOn()) return;
      for (const row of rows) {
        if (parts.storms?.holds(row) === true) continue;
        if (!row.behind || lanes.holds(laneOf(row))) void take(row);
      }
    },
    isAway: () => outage.isOn(),
    size: () => lanes.size(),
    async stop() {
      stopping = true;
      await Promise.all([sweeper.stop(), lanes.idle(), parts.storms?.stop()]);
    },
  };
}

function laneOf({ alert }: Pending): string {
  return `${alert.source}\n${alert.fingerprint}`;
}

/** Never throws: a row that cannot even be settled comes back when its claim ends. */
async function work(parts: DispatcherParts, outage: Outage, row: Pending): Promise<LaneAnswer> {
  if (outage.waitMs(performance.now()) > 0) return 'drop';
  if (row.isOver !== true && parts.storms?.holds(row) === true) return 'drop';
  try {
    const settled = row.isOver === true ? passedOver : await parts.deliver(row.alert);
    if (settled.run !== null) outage.end();
    await parts.inbox.settle(row.id, settled);
    count(parts, row, settled);
    return 'next';
  } catch (error) {
    return failed(parts, outage, { row, error });
  }
}

/** It waited long enough to resolve: for a storm to end, for Temporal, or for this process to come back. */
const passedOver: Settled = { state: 'dispatched', run: null, why: overText };

interface FailedDelivery {
  readonly row: Pending;
  readonly error: unknown;
}

async function failed(
  parts: DispatcherParts,
  outage: Outage,
  { row, error }: FailedDelivery,
): Promise<LaneAnswer> {
  const why = messageOf(error);
  const isAway = error instanceof RunsAway;
  if (isAway) {
    if (!outage.isOn()) parts.log.warn({ why }, 'runs cannot be started; alerts wait in the inbox');
    outage.begin(performance.now());
  } else {
    parts.log.warn({ row: row.id, attempts: row.attempts + 1, why }, 'a delivery failed');
  }
  try {
    return await putOff(parts, { row, why, isAway });
  } catch {
    return 'drop';
  }
}

interface PutOff {
  readonly row: Pending;
  readonly why: string;
  readonly isAway: boolean;
}

async function putOff(parts: DispatcherParts, { row, why, isAway }: PutOff): Promise<LaneAnswer> {
  const attempts = isAway ? row.attempts : row.attempts + 1;
  if (attempts >= attemptsMax) {
    const dead: Settled = { state: 'dead', run: null, why };
    await parts.inbox.settle(row.id, dead);
    parts.log.error({ row: row.id, alert: row.alert.name, why }, 'an alert was given up');
    count(parts, row, dead);
    return 'next';
  }
  const delayMs = isAway ? seconds(1) : backoffMs(attempts - 1);
  await parts.inbox.postpone(row.id, { delayMs, why, attempts });
  parts.instruments.postponed.add(1, { why: isAway ? 'away' : 'failed' });
  return 'drop';
}

function count({ instruments }: DispatcherParts, row: Pending, { state }: Settled): void {
  instruments.settled.add(1, { state });
  instruments.dispatchMs.record(Math.max(0, Date.now() - row.receivedAtMs));
  if (state !== 'unmatched' || row.alert.status !== 'firing') return;
  instruments.unmatched.add(1, { alertname: instruments.nameOf(row.alert.name) });
}
