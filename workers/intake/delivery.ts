/** What is done with one alert of the inbox: its run is started, or told. Total but for errors of `Runs` and the store. */
import type { Inbox, Settled } from '../../activities/store/inbox.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { runIdOf } from '../../workflows/domain/alert.js';
import { route } from '../../workflows/domain/routing.js';
import type { Routable } from '../../workflows/domain/routing.js';
import type { Runs } from './runs.js';

export interface DeliveryParts {
  readonly inbox: Pick<Inbox, 'runOf' | 'watching'>;
  readonly runs: Runs;
  readonly catalogue: readonly Routable[];
}

/** Safe to repeat: a start is one start, a signal is the same signal again. */
export function deliver(parts: DeliveryParts, alert: Alert): Promise<Settled> {
  return alert.status === 'firing' ? deliverFiring(parts, alert) : deliverResolved(parts, alert);
}

async function deliverFiring(parts: DeliveryParts, alert: Alert): Promise<Settled> {
  const [settled] = await Promise.all([startRun(parts, alert), tellWatching(parts, alert)]);
  return settled;
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
  const routed = route(parts.catalogue, alert);
  const assumed = routed.runbook === null ? null : runIdOf(routed.runbook, alert);
  const run = (await parts.inbox.runOf(alert)) ?? assumed;
  if (run === null) return { state: 'unmatched', run, why: routed.why };
  const note = `resolved at ${alert.endsAt ?? 'an unknown time'}`;
  const sent = await parts.runs.signal({ run, message: 'resolved', note });
  return { state: 'dispatched', run, why: sent === 'sent' ? null : 'no open run' };
}
