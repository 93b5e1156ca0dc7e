/** A shipped runbook as it would be if its run decided by Temporal's own clock, which a kept-alive task does not survive. */
import { CancellationScope } from '@temporalio/workflow';
import { tuneRetries as runbook } from '../../runbooks/tune-retries/index.js';
import type { Report } from '../../workflows/progress.js';
import { remediation } from '../../workflows/remediation.js';
import type { RunInput } from '../../workflows/runbook.js';
import { TemporalRuntime } from '../../workflows/runtime-temporal.js';

export function tuneRetries(input: RunInput): Promise<Report> {
  const runtime = new TemporalRuntime(null);
  return CancellationScope.nonCancellable(() => remediation(runtime, runbook, input));
}
