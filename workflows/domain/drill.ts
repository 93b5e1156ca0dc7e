/** How a runbook is tried against its own fault, in a sandbox that stands for its service; declares, injects nothing. */

/** Faults the sandbox can make: the shop's process is killed; payments fails for two seconds and retries keep it down. */
export const drillFaults = ['process-killed', 'retry-storm'] as const;

export interface DrillPlan {
  readonly runbook: string;
  readonly fault: (typeof drillFaults)[number];
  /** What a person who takes the repair back must see: the world as before, or that it stands by its nature. */
  readonly undo: 'as before' | 'stands';
}
