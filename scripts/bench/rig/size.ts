/** How much a bench does: counts and seconds, bounded so that a whole bench ends within minutes. Decides nothing else. */

export interface Size {
  readonly name: 'quick' | 'whole' | 'long';
  readonly warmUps: number;
  /** Of every interleaved measurement. */
  readonly rounds: number;
  /** Of load at a fixed rate, in each round. */
  readonly secondsPerRound: number;
  readonly approvals: number;
  readonly burst: number;
  /** Runs of each kind in each round of the comparison with the hand-written workflow. */
  readonly taxRuns: number;
  /** How many runs wait in all at each point where memory and waking are looked at, growing. */
  readonly waitingRuns: readonly number[];
  /** Runs that are woken at each such point; fewer where fewer wait. */
  readonly wakes: number;
  /** Ledger lines there are at each point where writing and reading are measured, growing. */
  readonly ledgerEntries: readonly number[];
  /** Records written, and times that each question is asked, at each such point. */
  readonly ledgerRecords: number;
  readonly ledgerAsked: number;
  readonly runbooks: readonly number[];
  /** Runs of one of the generated runbooks, one after another. */
  readonly runbookRuns: number;
  readonly workers: readonly number[];
  readonly workerRuns: number;
  readonly idleSeconds: number;
  /** Of load without a pause on the intake. */
  readonly floodSeconds: number;
  readonly stormAlerts: number;
  /** Runs started for each stop, and stops. */
  readonly stopRuns: number;
  readonly stopRounds: number;
  /** Effects under way at each stop, and stops. */
  readonly stopEffects: number;
  readonly stopEffectRounds: number;
}

export const wholeSize: Size = {
  name: 'whole',
  warmUps: 100,
  rounds: 3,
  secondsPerRound: 5,
  approvals: 100,
  burst: 500,
  taxRuns: 150,
  waitingRuns: [10, 100, 400, 700, 1_000],
  wakes: 100,
  ledgerEntries: [1_000, 10_000, 100_000, 1_000_000],
  ledgerRecords: 2_000,
  ledgerAsked: 50,
  runbooks: [10, 100, 1_000],
  runbookRuns: 50,
  workers: [1, 2, 3],
  workerRuns: 400,
  idleSeconds: 10,
  floodSeconds: 15,
  stormAlerts: 100_000,
  stopRuns: 1_200,
  stopRounds: 5,
  stopEffects: 1_000,
  stopEffectRounds: 10,
};

/** The growth curves to their ends, and as many stops as a p99 is of: tens of minutes. */
export const longSize: Size = {
  ...wholeSize,
  name: 'long',
  waitingRuns: [10, 100, 400, 700, 1_000, 3_000, 10_000],
  ledgerEntries: [1_000, 10_000, 100_000, 1_000_000, 10_000_000],
  stopRounds: 100,
};

/** To see that everything works; its numbers say little. */
export const quickSize: Size = {
  name: 'quick',
  warmUps: 10,
  rounds: 1,
  secondsPerRound: 1,
  approvals: 10,
  burst: 50,
  taxRuns: 30,
  waitingRuns: [10, 30, 50],
  wakes: 10,
  ledgerEntries: [1_000, 10_000],
  ledgerRecords: 200,
  ledgerAsked: 10,
  runbooks: [10, 30],
  runbookRuns: 5,
  workers: [1, 2],
  workerRuns: 40,
  idleSeconds: 2,
  floodSeconds: 2,
  stormAlerts: 10_000,
  stopRuns: 60,
  stopRounds: 1,
  stopEffects: 50,
  stopEffectRounds: 1,
};
