/** What is done with one alert of the inbox: its run is started, or told. Total but for errors of `Runs` and the store. */
import { senderOf } from '../../activities/senders/index.js';
import { startUnknown } from '../../activities/senders/normal.js';
import type { Episodes, Firing, Standing } from '../../activities/store/episodes.js';
import type { Settled } from '../../activities/store/inbox.js';
import { overText } from '../../activities/store/storms.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { runIdOf } from '../../workflows/domain/alert.js';
import { route } from '../../workflows/domain/routing.js';
import type { Routable } from '../../workflows/domain/routing.js';
import type { Runs } from './runs.js';

export interface DeliveryParts {
  readonly inbox: Episodes;
  readonly runs: Runs;
  readonly catalogue: readonly Routable[];
  /** As the sender of this source declares it, unless given. */
  readonly startsEachTime?: (source: string) => boolean;
}

/** Safe to repeat: a start is one start, a signal is the same signal again. */
export function deliver(parts: DeliveryParts, alert: Alert): Promise<Settled> {
  return alert.status === 'firing' ? deliverFiring(parts, alert) : deliverResolved(parts, alert);
}

async function deliverFiring(parts: DeliveryParts, alert: Alert): Promise<Settled> {
  const { isOver, repeats } = await standingOf(parts, alert);
  if (isOver) return { state: 'dispatched', run: null, why: overText };
  if (repeats) {
    const why = `the firing of ${repeats.startsAt} again, which is still open`;
    return { state: 'dispatched', run: repeats.run, why, repeatOf: repeats.id };
  }
  const [settled] = await Promise.all([startRun(parts, alert), tellWatching(parts, alert)]);
  return settled;
}

/** Only those whose starts tell nothing are asked about: a new start of the others is a new episode. */
function standingOf(parts: DeliveryParts, alert: Alert): Promise<Standing> {
  if (startsEachTime(parts, alert)) return parts.inbox.standing(alert);
  return Promise.resolve({ isOver: false, repeats: null });
}

function startsEachTime({ startsEachTime: told }: DeliveryParts, { source }: Alert): boolean {
  return told === undefined ? senderOf(source)?.startsEachTime === true : told(source);
}

async function startRun({ runs, catalogue }: DeliveryParts, alert: Alert): Promise<Settled> {
  const { runbook, why } = route(catalogue, alert);
  if (runbook === null) return { state: 'unmatched', run: null, why };
  const run = runIdOf(runbook, alert);
  const started = await runs.start({ run, runbook, alert });
  return {
    state: 'dispatched',
    run,
    why: started === 'started' ? why : 'the run was there already',
  };
}

/** A repair that is still watched learns that it did not hold, whatever happens with the new episode. */
async function tellWatching({ inbox, runs }: DeliveryParts, alert: Alert): Promise<void> {
  const note = `fired again at ${alert.startsAt}`;
  for (const run of await inbox.watching(alert)) {
    await runs.signal({ run, message: 'refired', note });
  }
}

async function deliverResolved(parts: DeliveryParts, alert: Alert): Promise<Settled> {
  const firing = await endedFiring(parts, alert);
  if (firing?.state === 'dispatched' && firing.run === null) {
    return { state: 'dispatched', run: null, why: 'no run had begun for it' };
  }
  const routed = route(parts.catalogue, alert);
  const assumed =
    routed.runbook === null || startUnknown(alert) ? null : runIdOf(routed.runbook, alert);
  const run = firing?.run ?? assumed;
  if (run !== null) return tellResolved(parts, run, alert);
  if (routed.runbook === null) return { state: 'unmatched', run, why: routed.why };
  return { state: 'dispatched', run, why: 'no firing of it is open' };
}

async function tellResolved({ runs }: DeliveryParts, run: string, alert: Alert): Promise<Settled> {
  const note = `resolved at ${alert.endsAt ?? 'an unknown time'}`;
  const sent = await runs.signal({ run, message: 'resolved', note });
  return { state: 'dispatched', run, why: sent === 'sent' ? null : 'no open run' };
}

/** By its start where the resolution knows it, else the newest that is open. */
async function endedFiring(parts: DeliveryParts, alert: Alert): Promise<Firing | null> {
  const named = startUnknown(alert) ? null : await parts.inbox.firingOf(alert);
  if (named !== null || !(startUnknown(alert) || startsEachTime(parts, alert))) return named;
  return parts.inbox.openFiring(alert);
}
