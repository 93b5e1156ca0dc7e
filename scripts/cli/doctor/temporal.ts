/** Temporal: is it there, does it know Belay's search attributes, does somebody take runs. Changes nothing. */
import type { Client } from '@temporalio/client';
import { durationText, minutes, seconds } from '../../../workflows/domain/time.js';
import { runSearchAttributes } from '../../servers/temporal.js';
import { addressesOf } from '../addresses.js';
import { withTemporal } from '../connections.js';
import { taskQueue } from '../plan.js';
import { reasonOf } from '../reason.js';
import type { Terminal } from '../terminal.js';
import { fail, ok, type Finding } from './finding.js';

/** A worker asks at least once a minute. */
const pollerFreshMs = minutes(1) + seconds(15);
/** temporal.api.enums.v1.TaskQueueType */
const workflowQueue = 1;

export function lookAtTemporal(terminal: Terminal): Promise<Finding[]> {
  const { temporalAddress, namespace } = addressesOf(terminal);
  return withTemporal(terminal, async (client) => {
    const reached = ok('temporal', `answers at ${temporalAddress}`);
    const there = await lookAtNamespace(client, namespace);
    if (there.state === 'fail') return [reached, there];
    return [
      reached,
      there,
      await lookAtAttributes(client, namespace),
      await lookAtPollers(client, namespace),
    ];
  });
}

async function lookAtNamespace(client: Client, namespace: string): Promise<Finding> {
  try {
    await client.workflowService.describeNamespace({ namespace });
    return ok('namespace', namespace);
  } catch (error) {
    const fix = `temporal operator namespace create ${namespace}, or set TEMPORAL_NAMESPACE`;
    return fail('namespace', `${namespace}: ${reasonOf(error)}`, fix);
  }
}

async function lookAtAttributes(client: Client, namespace: string): Promise<Finding> {
  const name = 'search attributes';
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace,
  });
  const missing = Object.keys(runSearchAttributes).filter(
    (key) => !(key in (customAttributes ?? {})),
  );
  if (missing.length === 0) return ok(name, 'registered');
  const flags = missing.map((key) => `--name ${key} --type Keyword`).join(' ');
  return fail(
    name,
    `not registered: ${missing.join(', ')}`,
    `temporal operator search-attribute create -n ${namespace} ${flags}`,
  );
}

async function lookAtPollers(client: Client, namespace: string): Promise<Finding> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowQueue,
  });
  const agesMs = (pollers ?? []).map(({ lastAccessTime }) => {
    return Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000;
  });
  const fresh = agesMs.filter((ageMs) => ageMs < pollerFreshMs);
  if (fresh.length > 0) {
    return ok('workers', `${fresh.length} on task queue ${taskQueue}`);
  }
  const last = agesMs.length === 0 ? '' : `; the last one ${durationText(Math.min(...agesMs))} ago`;
  const fix = 'start the remediation worker (belay up)';
  return fail('workers', `nobody takes runs from task queue ${taskQueue}${last}`, fix);
}
