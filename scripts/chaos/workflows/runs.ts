/** The shipped runbooks as workflows, watched for seconds instead of an hour, so that a run's whole life fits under the storm. */
import { restartService as restart } from '../../../runbooks/restart-service/index.js';
import { tuneRetries as tune } from '../../../runbooks/tune-retries/index.js';
import { workflowOf } from '../../../workflows/bind.js';
import { seconds } from '../../../workflows/domain/time.js';
import type { Runbook } from '../../../workflows/runbook.js';

export const restartService = workflowOf(watchedBriefly(restart));
export const tuneRetries = workflowOf(watchedBriefly(tune));

function watchedBriefly({ meta, body }: Runbook): Runbook {
  return { meta: { ...meta, undoWindowMs: seconds(5) }, body };
}
