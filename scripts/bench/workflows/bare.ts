/** The floor: a workflow of one activity, the least that anything on Temporal costs. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { bareEffect } from './bare-effect.js';

const activities = proxyActivities<
  Record<string, (input: { operationId: string }) => Promise<unknown>>
>({
  startToCloseTimeout: bareEffect.timeoutMs,
  retry: { maximumAttempts: bareEffect.attemptsMax },
});

export async function bare(): Promise<void> {
  await activities[bareEffect.name]?.({ operationId: workflowInfo().workflowId });
}
