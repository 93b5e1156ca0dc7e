/** How much a bench does: counts and seconds, bounded so that a whole bench ends within minutes. Decides nothing else. */

export interface Size {
  readonly warmUps: number;
  /** Of every interleaved measurement. */
  readonly rounds: number;
  /** Of load at a fixed rate, in each round. */
  readonly secondsPerRound: number;
  readonly approvals: number;
  readonly burst: number;
  /** Runs of each kind in each round of the comparison with the hand-written workflow. */
  readonly taxRuns: number;
  /** Waiting runs that are added, this many times, while memory is watched. */
  readonly waitingStep: number;
  readonly waitingSteps: number;
  readonly idleSeconds: number;
}

export const wholeSize: Size = {
  warmUps: 100,
  rounds: 3,
  secondsPerRound: 5,
  approvals: 100,
  burst: 500,
  taxRuns: 150,
  waitingStep: 100,
  waitingSteps: 4,
  idleSeconds: 10,
};

/** To see that everything works; its numbers say little. */
export const quickSize: Size = {
  warmUps: 10,
  rounds: 1,
  secondsPerRound: 1,
  approvals: 10,
  burst: 50,
  taxRuns: 30,
  waitingStep: 20,
  waitingSteps: 2,
  idleSeconds: 2,
};
