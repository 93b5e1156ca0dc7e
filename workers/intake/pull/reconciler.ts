/**
 * Compares one monitor with the inbox and commits what its webhooks did not bring: a firing we never heard of, as if it had
 * been sent, and the resolution of one that is open here and over there. It starts and tells no run: the dispatcher does.
 *
 * P1 The inbox is read before the monitor is asked: what is missing there was not still on its way here.
 * P2 A difference counts once two looks saw it, `unknownForMs` or the source's `absentForMs` apart. Unless the sender itself
 *    said that it left alerts out: then what is unknown counts at once; or it can be asked when an episode ended: it is.
 * P3 An answer that is not whole ends nothing, and absences begin anew after it.
 */
import type { IntakeLine } from '../../../activities/store/intake-lines.js';
import type { OpenFiring, OpenFirings } from '../../../activities/store/open-firings.js';
import type { Alert } from '../../../workflows/domain/alert.js';
import { messageOf } from '../../../workflows/domain/failure.js';
import { instantText, minutes, seconds } from '../../../workflows/domain/time.js';
import type { Log } from '../server.js';
import { absentOf, keyOf, unknownOf } from './difference.js';
import type { PullInstruments } from './instruments.js';
import { createPatience } from './patience.js';
import type { Patience } from './patience.js';
import type { PullSource, Reading, Seen } from './source.js';

export interface ReconcilerParts {
  readonly source: PullSource;
  readonly inbox: OpenFirings;
  /** Resolves once all are committed; throws otherwise. */
  readonly commit: (alerts: readonly Alert[]) => Promise<void>;
  /** A line of the ledger about what was taken in like this. */
  readonly note: (line: IntakeLine) => Promise<void>;
  readonly instruments: PullInstruments;
  readonly log: Log;
  /** Two minutes unless given: senders wait for a group and try again. */
  readonly unknownForMs?: number;
}

/** Why a look is taken: it is time, or the sender said that it left alerts out. */
export type Occasion = 'interval' | 'truncated';

export interface Looked {
  /** Committed now. */
  readonly firing: readonly Alert[];
  readonly resolved: readonly Alert[];
  /** Why absences did not count, or null. */
  readonly partial: string | null;
}

export interface Reconciler {
  /** One look. Throws when the monitor, or the inbox, could not be read or written; the next look tries again. */
  look(occasion: Occasion, stopping?: AbortSignal): Promise<Looked>;
}

const unknownForMs = minutes(2);
const lookWithinMs = seconds(45);
/** The rest waits for the next look. */
const committedMax = 1_000;
const commitMax = 100;
/** Episodes asked about one by one in a look. */
const askedMax = 20;
const namedMax = 20;

interface Memory {
  readonly unknown: Patience;
  readonly absent: Patience;
  /** Where the asking one by one goes on. */
  next: number;
}

/** One per source; it remembers what earlier looks saw, so looks must not overlap. */
export function createReconciler(parts: ReconcilerParts): Reconciler {
  const memory: Memory = { unknown: createPatience(), absent: createPatience(), next: 0 };
  return {
    look: (occasion, stopping) => {
      const timeout = AbortSignal.timeout(lookWithinMs);
      const within = stopping ? AbortSignal.any([stopping, timeout]) : timeout;
      return look(parts, memory, { occasion, within });
    },
  };
}

interface Look {
  readonly occasion: Occasion;
  readonly within: AbortSignal;
}

async function look(
  parts: ReconcilerParts,
  memory: Memory,
  { occasion, within }: Look,
): Promise<Looked> {
  const { source, inbox } = parts;
  const open = await inbox.open(source.source);
  const reading = await read(parts, memory, within);
  const unknown = await heldUnknown(parts, memory, { reading, occasion });
  const firing = readable(parts, unknown);
  const ended = heldAbsent(parts, memory, { reading, open });
  const resolved = await resolutionsOf(parts, { ended, memory, within });
  await commitAll(parts, [...resolved, ...firing]);
  await tell(parts, firing, 'firing');
  await tell(parts, resolved, 'resolved');
  return { firing, resolved, partial: reading.partial };
}

async function read(
  { source, instruments }: ReconcilerParts,
  memory: Memory,
  within: AbortSignal,
): Promise<Reading> {
  try {
    const reading = await source.read(within);
    instruments.looks.add(1, { source: source.source, whole: String(reading.partial === null) });
    return reading;
  } catch (error) {
    memory.absent.forget();
    throw error;
  }
}

interface Unknown {
  readonly reading: Reading;
  readonly occasion: Occasion;
}

async function heldUnknown(
  parts: ReconcilerParts,
  memory: Memory,
  { reading, occasion }: Unknown,
): Promise<readonly Seen[]> {
  const sent = reading.firing.filter(({ isSent }) => isSent);
  const unknown = unknownOf(sent, await parts.inbox.known(parts.source.source, sent));
  const forMs = parts.unknownForMs ?? unknownForMs;
  const held = memory.unknown.held(unknown.map(keyOf), performance.now(), forMs);
  return occasion === 'truncated' ? unknown : unknown.filter((seen) => held.has(keyOf(seen)));
}

function readable({ source, instruments }: ReconcilerParts, unknown: readonly Seen[]): Alert[] {
  const alerts = unknown.slice(0, committedMax).map((seen) => seen.alert());
  const read = alerts.filter((alert) => alert !== null);
  const unreadable = alerts.length - read.length;
  if (unreadable > 0) instruments.unreadable.add(unreadable, { source: source.source });
  return read;
}

interface Open {
  readonly reading: Reading;
  readonly open: readonly OpenFiring[];
}

interface Ended {
  readonly firing: OpenFiring;
  /** Unix milliseconds when it was missed first. */
  readonly missedMs: number;
}

function heldAbsent(
  { source }: ReconcilerParts,
  memory: Memory,
  { reading, open }: Open,
): readonly Ended[] {
  if (reading.partial !== null) {
    memory.absent.forget();
    return [];
  }
  const absent = absentOf(open, reading.firing);
  const nowMs = performance.now();
  const held = memory.absent.held(absent.map(keyOf), nowMs, source.absentForMs);
  if (source.endOf) return absent.map((firing) => ({ firing, missedMs: Date.now() }));
  return absent.flatMap((firing) => {
    const firstMs = held.get(keyOf(firing));
    return firstMs === undefined ? [] : [{ firing, missedMs: Date.now() - (nowMs - firstMs) }];
  });
}

interface Ending {
  readonly ended: readonly Ended[];
  readonly memory: Memory;
  readonly within: AbortSignal;
}

async function resolutionsOf(parts: ReconcilerParts, ending: Ending): Promise<Alert[]> {
  const { ended, memory, within } = ending;
  if (parts.source.endOf === undefined) {
    return ended
      .slice(0, committedMax)
      .map(({ firing, missedMs }) => resolutionOf(firing, missedMs));
  }
  const from = memory.next % Math.max(1, ended.length);
  const asked = [...ended.slice(from), ...ended.slice(0, from)].slice(0, askedMax);
  memory.next = from + asked.length;
  const resolved: Alert[] = [];
  for (const { firing } of asked) {
    const endedMs = await endMsOf(parts, firing, within);
    if (endedMs !== null) resolved.push(resolutionOf(firing, endedMs));
  }
  return resolved;
}

/** Null too when it could not be asked: that one stays open, the others are none the worse. */
async function endMsOf(
  { source, instruments, log }: ReconcilerParts,
  { alert, fingerprint }: OpenFiring,
  within: AbortSignal,
): Promise<number | null> {
  try {
    const end = (await source.endOf?.(alert, within)) ?? null;
    return end === null ? null : Date.parse(end);
  } catch (error) {
    const why = messageOf(error);
    instruments.failed.add(1, { source: source.source });
    log.warn({ source: source.source, fingerprint, why }, 'the monitor could not be asked');
    return null;
  }
}

/** The same start as its firing; its end is after that, whatever the clocks say: else its start would pass for unknown. */
function resolutionOf({ alert, startedMs }: OpenFiring, endedMs: number): Alert {
  const endsAt = instantText(Math.max(Math.round(endedMs), startedMs + 1));
  return { ...alert, status: 'resolved', endsAt };
}

/** Resolutions first: a fingerprint that fires again ended its earlier episode before. */
async function commitAll({ commit }: ReconcilerParts, alerts: readonly Alert[]): Promise<void> {
  for (let from = 0; from < alerts.length; from += commitMax) {
    await commit(alerts.slice(from, from + commitMax));
  }
}

const told = {
  firing: 'fired there and no webhook had brought it here: taken in as if it had been sent',
  resolved: 'fires there no more and no webhook had said so: taken in as resolved',
} as const;

async function tell(
  { source: { source }, instruments, log, note }: ReconcilerParts,
  alerts: readonly Alert[],
  status: Alert['status'],
): Promise<void> {
  if (alerts.length === 0) return;
  instruments.lost.add(alerts.length, { source, status });
  const names = alerts.slice(0, namedMax).map(({ name, service }) => `${name} of ${service}`);
  const more = alerts.length > namedMax ? ` and ${alerts.length - namedMax} more` : '';
  const says = `${source}: ${names.join(', ')}${more} ${told[status]}`;
  log.warn({ source, status, count: alerts.length }, 'alerts were taken in by asking the monitor');
  const episodes = alerts.slice(0, namedMax).map(({ fingerprint, startsAt }) => {
    return { fingerprint, startsAt };
  });
  const detail = { source, status, count: alerts.length, episodes };
  await note({ says, detail }).catch((error: unknown) => {
    log.warn({ source, why: messageOf(error) }, 'the ledger has no line about it');
  });
}
