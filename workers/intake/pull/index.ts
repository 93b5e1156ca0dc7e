/**
 * Asks the monitors that were named, each at its own jittered interval and at once when a webhook says that it left alerts
 * out. A look that comes to nothing is a count and a log line, never an action.
 */
import type { IntakeLine } from '../../../activities/store/intake-lines.js';
import type { OpenFirings } from '../../../activities/store/open-firings.js';
import type { Alert } from '../../../workflows/domain/alert.js';
import { messageOf } from '../../../workflows/domain/failure.js';
import { seconds } from '../../../workflows/domain/time.js';
import type { Metrics } from '../../metrics.js';
import type { Log } from '../server.js';
import { alertmanagerPull } from './alertmanager.js';
import { grafanaPull } from './grafana.js';
import { createPullInstruments } from './instruments.js';
import { pagerdutyPull } from './pagerduty.js';
import { createReconciler } from './reconciler.js';
import type { Occasion, Reconciler, ReconcilerParts } from './reconciler.js';
import type { PullSettings } from './settings.js';
import type { PullSource } from './source.js';

export interface PullingParts {
  readonly sources: readonly PullSource[];
  readonly intervalMs: number;
  readonly inbox: OpenFirings;
  /** Resolves once all are committed; throws otherwise. */
  readonly commit: (alerts: readonly Alert[]) => Promise<void>;
  readonly note: (line: IntakeLine) => Promise<void>;
  readonly metrics: Metrics;
  readonly log: Log;
  /** See `ReconcilerParts`. */
  readonly unknownForMs?: number;
}

export interface Pulling {
  /** The sender left alerts out: look at once. Asked for often it is done once; a source that is not pulled is let go. */
  readBack(source: string): void;
  /** Takes no further look; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/** However often a sender leaves alerts out, and after a start, when the inbox may not be there yet. */
const gapMs = seconds(5);

/** One per monitor that has settings; none is an answer, too. */
export function pullSourcesOf(settings: PullSettings): PullSource[] {
  const { alertmanager, grafana, pagerduty } = settings;
  return [
    ...(alertmanager ? [alertmanagerPull(alertmanager)] : []),
    ...(grafana ? [grafanaPull(grafana)] : []),
    ...(pagerduty ? [pagerdutyPull(pagerduty)] : []),
  ];
}

/** Looks from now on. */
export function createPulling(parts: PullingParts): Pulling {
  const names = parts.sources.map(({ source }) => source);
  const instruments = createPullInstruments(parts.metrics, names);
  const watches = parts.sources.map((source) => watchOf({ ...parts, source, instruments }));
  const description = 'Since the last whole answer of a monitor, the oldest, in milliseconds.';
  parts.metrics.gauge({ name: 'belay_pull_oldest_ms', description }, () => oldestMs(watches));
  const watched = watches.map((watch) => keepLooking(parts, watch));
  return {
    readBack(source) {
      for (const watch of watches.filter((candidate) => candidate.source === source)) {
        watch.truncated = true;
        watch.wake();
      }
    },
    async stop() {
      for (const watch of watches) {
        watch.stopping.abort();
        watch.wake();
      }
      await Promise.all(watched);
    },
  };
}

interface Watch {
  readonly source: string;
  readonly reconciler: Reconciler;
  readonly failed: () => void;
  /** When it gave its last whole answer. */
  wholeMs: number;
  state: 'whole' | 'partial' | 'failing';
  /** A sender left alerts out since the last look. */
  truncated: boolean;
  readonly stopping: AbortController;
  /** Ends the pause under way, if it may end. */
  wake: () => void;
}

function watchOf(parts: ReconcilerParts): Watch {
  const { source } = parts.source;
  return {
    source,
    reconciler: createReconciler(parts),
    failed: () => parts.instruments.failed.add(1, { source }),
    wholeMs: performance.now(),
    state: 'whole',
    truncated: false,
    stopping: new AbortController(),
    wake: () => undefined,
  };
}

function oldestMs(watches: readonly Watch[]): number {
  const nowMs = performance.now();
  return Math.max(0, ...watches.map(({ wholeMs }) => Math.round(nowMs - wholeMs)));
}

async function keepLooking({ intervalMs, log }: PullingParts, watch: Watch): Promise<void> {
  await pause(watch, { atLeastMs: 0, ms: jittered(Math.min(gapMs, intervalMs)) });
  while (!watch.stopping.signal.aborted) {
    const occasion: Occasion = watch.truncated ? 'truncated' : 'interval';
    watch.truncated = false;
    await lookOnce(watch, occasion, log);
    await pause(watch, { atLeastMs: Math.min(gapMs, intervalMs), ms: jittered(intervalMs) });
  }
}

async function lookOnce(watch: Watch, occasion: Occasion, log: Log): Promise<void> {
  try {
    const { partial } = await watch.reconciler.look(occasion, watch.stopping.signal);
    if (partial === null) watch.wholeMs = performance.now();
    turn(watch, { state: partial === null ? 'whole' : 'partial', why: partial ?? '' }, log);
  } catch (error) {
    if (watch.stopping.signal.aborted) return;
    watch.failed();
    watch.truncated ||= occasion === 'truncated'; // it is still to be done
    turn(watch, { state: 'failing', why: messageOf(error) }, log);
  }
}

const says = {
  whole: 'the monitor can be read again',
  partial: 'the answer of the monitor is not whole: nothing is taken for resolved by it',
  failing: 'the monitor was asked in vain',
} as const;

/** Only a change is worth a line. */
function turn(
  watch: Watch,
  { state, why }: { readonly state: Watch['state']; readonly why: string },
  log: Log,
): void {
  if (state === watch.state) return;
  watch.state = state;
  const fields = { source: watch.source, why };
  if (state === 'whole') log.info(fields, says[state]);
  else log.warn(fields, says[state]);
}

/** A quarter to either side, so that several processes do not ask in step. */
function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}

interface Pause {
  /** Not even who waits for a truncated body's alerts is served sooner. */
  readonly atLeastMs: number;
  readonly ms: number;
}

/** Ends early when stopped, or when there is something to read back. */
async function pause(watch: Watch, { atLeastMs, ms }: Pause): Promise<void> {
  const stopped = (): boolean => watch.stopping.signal.aborted;
  await sleep(watch, atLeastMs, stopped);
  await sleep(watch, ms - atLeastMs, () => stopped() || watch.truncated);
}

function sleep(watch: Watch, ms: number, over: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0 || over()) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      watch.wake = () => undefined;
      resolve();
    };
    const timer = setTimeout(finish, ms);
    watch.wake = () => {
      if (over()) finish();
    };
  });
}
