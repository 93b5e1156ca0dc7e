/** Every runbook's drill, by name; a runbook without one cannot be promoted past what people approve. Data only. */
import { drill as restartService } from '../../runbooks/restart-service/drill.js';
import { drill as tuneRetries } from '../../runbooks/tune-retries/drill.js';
import type { DrillPlan } from '../../workflows/domain/drill.js';

const all: readonly DrillPlan[] = [restartService, tuneRetries];

export const drills: ReadonlyMap<string, DrillPlan> = new Map(
  all.map((plan) => [plan.runbook, plan] as const),
);
