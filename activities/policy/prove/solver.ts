/** Z3 for the length of one piece of work: started, asked within a time limit, and its threads ended. Knows no policy. */
import type { Model } from 'z3-solver';
import type { Formula, Z3 } from './encode.js';

/** Of one question, in Z3's own count of work: the same question ends the same way on a machine that is busy. */
const workMax = 5_000_000;
/** And in time, should that count stand still. A proof that takes longer is no proof. */
const questionMsMax = 10_000;

export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly model: Model<'policy'> }
  /** Neither: it counts as failed. */
  | { readonly kind: 'unknown' };

export interface Solving {
  readonly z3: Z3;
  /** Is there anything for which all of these hold? */
  find(...formulas: readonly Formula[]): Promise<Found>;
}

/** Z3 keeps threads: they are ended when the work is, whatever became of it. */
export async function withSolver<Result>(
  work: (solving: Solving) => Promise<Result>,
): Promise<Result> {
  const { init, killThreads } = await import('z3-solver'); // 35 MB that a worker never loads
  const { Context, em } = await init();
  const z3 = Context('policy');
  try {
    return await work({
      z3,
      async find(...formulas) {
        const solver = new z3.Solver();
        solver.set('rlimit', workMax);
        solver.set('timeout', questionMsMax);
        solver.add(...formulas);
        const answer = await solver.check();
        if (answer === 'unsat') return { kind: 'none' };
        return answer === 'sat' ? { kind: 'some', model: solver.model() } : { kind: 'unknown' };
      },
    });
  } finally {
    await killThreads(em);
  }
}
