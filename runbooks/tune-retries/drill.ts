/** The drill of tune-retries: its fault is an upstream that retries keep down. Data only. */
import type { DrillPlan } from '../../workflows/domain/drill.js';

export const drill: DrillPlan = {
  runbook: 'tune-retries',
  fault: 'retry-storm',
  undo: 'as before',
};
