/**
 * The fleet as the adapters of the shipped runbooks. They look before they act and know their own earlier attempt by its
 * operation id, as real adapters do; the fleet itself stops nobody.
 */
import {
  implementAction,
  implementFact,
  type EffectContext,
  type Implementation,
} from '../../../activities/adapter.js';
import { alertCleared, probeAnswers, queryBelow } from '../../../workflows/actions/monitor.js';
import { changeSetting, readSetting } from '../../../workflows/actions/setting.js';
import { anyNewPid, findProcess, restartProcess } from '../../../workflows/actions/supervisor.js';
import type { Health } from '../../../workflows/actions/action.js';
import { Failure, messageOf } from '../../../workflows/domain/failure.js';
import { fileOf, host, type Seen } from './fleet.js';
import type { FleetClient } from './fleet-client.js';

export function fleetAdapters(fleet: FleetClient): Implementation[] {
  return [...facts(fleet), restarting(fleet), tuning(fleet)];
}

function facts(fleet: FleetClient): Implementation[] {
  return [
    implementFact(findProcess, async ({ service }, { signal }) => {
      const { state, pid, since } = await seen(fleet, service, signal);
      return { host, process: service, state, pid, since };
    }),
    implementFact(probeAnswers, ({ service }, { signal }) => health(fleet, service, signal)),
    implementFact(alertCleared, ({ alert }, { signal }) => health(fleet, alert.service, signal)),
    implementFact(queryBelow, async ({ query, limit }, { signal }) => {
      const service = /service="([^"]+)"/.exec(query)?.[1] ?? '';
      const { errorRatio } = await seen(fleet, service, signal);
      // The fleet itself was asked: what it says is of now, by whatever clock this worker has.
      const observedAtMs = Date.now();
      return { well: errorRatio < limit, seen: `${errorRatio * 100} in 100 fail`, observedAtMs };
    }),
    implementFact(readSetting, async ({ service }, { signal }) => {
      return settingOf(await seen(fleet, service, signal));
    }),
  ];
}

function restarting(fleet: FleetClient): Implementation {
  return implementAction(restartProcess, {
    look: async ({ process }, { signal }) => processOf(await seen(fleet, process, signal)),
    plan: () => ({ state: 'RUNNING', pid: anyNewPid }),
    async apply({ operationId, input, before }, context) {
      const { process } = input;
      const now = await seen(fleet, process, context.signal);
      if (isOwn(context, now.lastOperation.restart, operationId)) return processOf(now);
      if (now.state !== before.state || now.pid !== before.pid) throw moved(process);
      goesOn(context);
      return processOf(await changed(fleet.restart(process, operationId, context.signal)));
    },
    async verify({ input, before }, { signal }) {
      const { state, pid } = await seen(fleet, input.process, signal);
      return { well: state === 'RUNNING' && pid !== before.pid, seen: `${state} with pid ${pid}` };
    },
    undo: () => Promise.reject(new Failure('refused', 'a restart cannot be taken back')),
  });
}

function tuning(fleet: FleetClient): Implementation {
  return implementAction(changeSetting, {
    look: async ({ service }, { signal }) => settingOf(await seen(fleet, service, signal)),
    async plan({ input: { service, value }, before }) {
      const { sha256, revision } = await seen(fleet, service);
      if (sha256 !== before.sha256) throw moved(service);
      return { sha256: fileOf({ name: service, retries: value, revision }), value };
    },
    async apply({ operationId, input, before }, context) {
      const { service, value } = input;
      const now = await seen(fleet, service, context.signal);
      if (isOwn(context, now.lastOperation.retries, operationId)) return settingOf(now);
      if (now.sha256 !== before.sha256) throw moved(service);
      goesOn(context);
      const wish = { operation: operationId, value };
      return settingOf(await changed(fleet.setRetries(service, wish, context.signal)));
    },
    async verify({ input, expected }, { signal }) {
      const { sha256, value } = settingOf(await seen(fleet, input.service, signal));
      return { well: sha256 === expected.sha256, seen: `retries are ${value}` };
    },
    async undo({ operationId, input, before }, context) {
      const { service } = input;
      const now = await seen(fleet, service, context.signal);
      if (now.sha256 === before.sha256) return settingOf(now);
      if (now.lastOperation.retries !== operationId) throw moved(service);
      goesOn(context);
      const wish = { operation: `${operationId}/undo`, value: before.value };
      return settingOf(await changed(fleet.setRetries(service, wish, context.signal)));
    },
  });
}

function isOwn({ attempt }: EffectContext, last: string, operationId: string): boolean {
  return attempt > 1 && last === operationId;
}

function goesOn({ signal, requireClaim }: EffectContext): void {
  if (signal.aborted) throw new Failure('unknown', 'nothing was touched: time is up');
  requireClaim();
}

async function seen(fleet: FleetClient, service: string, signal?: AbortSignal): Promise<Seen> {
  try {
    return await fleet.see(service, signal);
  } catch (error) {
    throw new Failure('transient', messageOf(error));
  }
}

/** Once it was sent, nobody knows whether it arrived. */
async function changed(asked: Promise<Seen>): Promise<Seen> {
  try {
    return await asked;
  } catch (error) {
    throw new Failure('unknown', messageOf(error));
  }
}

async function health(fleet: FleetClient, service: string, signal: AbortSignal): Promise<Health> {
  const { well } = await seen(fleet, service, signal);
  return { well, seen: well ? 'it answers' : 'connection refused' };
}

function processOf({ state, pid }: Seen): { state: string; pid: number } {
  return { state, pid };
}

function settingOf({ sha256, retries }: Seen): { sha256: string; value: number } {
  return { sha256, value: retries };
}

function moved(what: string): Failure {
  return new Failure('refused', `${what} was changed by somebody else`);
}
