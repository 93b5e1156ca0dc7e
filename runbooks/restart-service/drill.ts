/** The drill of restart-service: its fault is a process that is killed. Data only. */
import type { DrillPlan } from '../../workflows/domain/drill.js';

export const drill: DrillPlan = {
  runbook: 'restart-service',
  fault: 'process-killed',
  undo: 'stands',
};
