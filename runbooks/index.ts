/** The catalogue: every runbook there is, in plain form; workflows/index.ts exports the same ones as workflows. */
import type { Runbook } from '../workflows/runbook.js';
import { restartService } from './restart-service/index.js';
import { tuneRetries } from './tune-retries/index.js';

export const runbooks: readonly Runbook[] = [restartService, tuneRetries];
