/** A person's word on what they did in a run's place, which agrees with its proposal or does not; counted like an answer. */
import type { Db } from '../db.js';
import { idOf, learn } from './learn.js';
import { writeTrustLine } from './line.js';

export interface RunNote {
  readonly run: string;
  readonly by: string;
  /** What the person did by hand, in their words. */
  readonly did: string;
  readonly verdict: 'same' | 'other';
}

/** Throws a RangeError when there is no such run, or the same was noted before. */
export async function noteRun(db: Db, { run, by, did, verdict }: RunNote): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const found = await transaction
      .selectFrom('runs')
      .select('run')
      .where('run', '=', run)
      .forUpdate()
      .executeTakeFirst();
    if (found === undefined) throw new RangeError(`there is no run ${run}`);
    const says = `${by} did ${verdict === 'same' ? 'the same' : 'otherwise'}: ${did}`;
    const id = idOf(['note', run, by, verdict, did]);
    const detail = { change: 'note', did: verdict, says: did };
    const line = { id, kind: 'trust', run, actor: `person:${by}`, says, detail } as const;
    if (!(await writeTrustLine(transaction, line))) throw new RangeError('this was noted before');
    await learn(transaction, [run]);
  });
}
