/**
 * The repair of restart-service as one would write it straight on Temporal: the same short calls, the same effect and the
 * same ledger lines in the same order, and no engine. It knows one step and one way; it cannot wait, undo or explain.
 */
import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import { alertCleared, probeAnswers } from '../../../workflows/actions/monitor.js';
import { findProcess, restartProcess } from '../../../workflows/actions/supervisor.js';
import type { Alert } from '../../../workflows/domain/alert.js';
import type { PlannedStep } from '../../../workflows/domain/plan.js';
import { markEffect } from '../../../workflows/effect-mark.js';
import { admit, consider, record } from '../../../workflows/store.js';
import { linesOf, proposalOf } from './by-hand-lines.js';

type AnyActivity = (input: unknown) => Promise<unknown>;

const retry = { initialInterval: 250, maximumInterval: 10_000, maximumAttempts: 5 };
const local = proxyLocalActivities<Record<string, AnyActivity>>({
  startToCloseTimeout: 10_000,
  retry,
});
const remote = proxyActivities<Record<string, AnyActivity>>({
  startToCloseTimeout: restartProcess.apply.timeoutMs,
  heartbeatTimeout: 3_000,
  retry,
});

export async function byHand({ alert }: { alert: Alert }): Promise<string> {
  const run = workflowInfo().workflowId;
  const ref = { run, runbook: 'restart-service', alert, trigger: 'alert' };
  const step = await planned(alert);
  const proposal = proposalOf(step);
  const lines = linesOf(run, alert, proposal);
  const judged = { ...ref, proposal, maxAgeMs: 900_000, resolved: false, notices: [] };

  await call(consider, { ...judged, entries: lines.proposed(), nowMs: Date.now() });
  const onceIn = { entries: lines.intent(), notices: lines.begins() };
  await call(admit, { ...judged, entries: lines.decided(), onceIn, nowMs: Date.now() });
  const after = await apply(run, step);
  await call(restartProcess.verify, step);
  await call(probeAnswers, { service: alert.service });
  await call(alertCleared, { alert });
  const entries = [...lines.effect(after), ...lines.ended()];
  await call(record, { ...ref, entries, notices: lines.tells(), release: true });
  return 'resolved';
}

async function planned(alert: Alert): Promise<PlannedStep> {
  const { host, process } = await look(alert);
  const input = { host, process };
  const images = (await call(restartProcess.rehearse, input)) as Pick<
    PlannedStep,
    'before' | 'expected'
  >;
  return {
    name: 'restart',
    action: restartProcess.name,
    actionClass: restartProcess.class,
    target: restartProcess.target(input),
    says: restartProcess.describe(input),
    input,
    ...images,
    irreversible: 'the process that ran before is gone; starting it again is all that can be done',
    bounds: {},
  };
}

async function look({ service }: Alert): Promise<{ host: string; process: string }> {
  const [found] = await Promise.all([
    call(findProcess, { service }),
    call(probeAnswers, { service }),
  ]);
  return found as { host: string; process: string };
}

async function apply(run: string, { input, before, expected }: PlannedStep): Promise<unknown> {
  const operationId = `${run}/restart`;
  const asked = { operationId, input, before, expected };
  return remote[restartProcess.apply.name]?.(markEffect(asked, operationId));
}

async function call({ name }: { readonly name: string }, input: unknown): Promise<unknown> {
  return local[name]?.(input);
}
