/** The workflows Temporal may start: one per runbook, named as in its history. Exports nothing else. */
import { restartService as restartServiceRunbook } from '../runbooks/restart-service/index.js';
import { tuneRetries as tuneRetriesRunbook } from '../runbooks/tune-retries/index.js';
import { workflowOf } from './bind.js';

export const restartService = workflowOf(restartServiceRunbook);
export const tuneRetries = workflowOf(tuneRetriesRunbook);
