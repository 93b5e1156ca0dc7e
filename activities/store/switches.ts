/** What people turn: stop, and declaring a target safe again; resuming is in resume.ts. Each with its ledger line, in one transaction. */
import { sql } from 'kysely';
import { writeBareLine } from './bare-line.js';
import type { Db } from './db.js';
import { pgText } from './pg-json.js';
import { requireScope } from './scope.js';

/** Who turns it and why; both end up in the ledger. */
export interface Turning {
  readonly by: string;
  readonly why: string;
}

/** Nothing in the scope may begin to act from the moment this resolves. Stopping again replaces who and why. */
export async function stop(db: Db, scope: string, { by, why }: Turning): Promise<void> {
  requireScope(scope);
  await db.transaction().execute(async (transaction) => {
    await sql`
      INSERT INTO switches (scope, by, why) VALUES (${scope}, ${pgText(by)}, ${pgText(why)})
      ON CONFLICT (scope) DO UPDATE SET by = excluded.by, why = excluded.why, at = clock_timestamp()`.execute(
      transaction,
    );
    await note(transaction, {
      says: `${by} stopped ${scope}: ${why}`,
      by,
      detail: { turned: 'stop', scope, why },
    });
  });
}

/** A person has looked: the target is no longer quarantined. Throws a RangeError when it was not. */
export async function releaseTarget(db: Db, target: string, { by, why }: Turning): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ run: string }>`
      DELETE FROM quarantine WHERE target = ${target} RETURNING run`.execute(transaction);
    const [mark] = rows;
    if (mark === undefined) throw new RangeError(`${target} is not quarantined`);
    const detail = { turned: 'release', target, why, quarantinedBy: mark.run };
    await note(transaction, { says: `${by} released ${target}: ${why}`, by, detail });
  });
}

/**
 * Gives back the leases of a run that cannot do it itself any more, because its workflow was terminated from outside.
 * Throws a RangeError when it holds none. Never for a run that may still act.
 */
export async function releaseLeases(db: Db, run: string, { by, why }: Turning): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ target: string }>`
      DELETE FROM leases WHERE holder = ${run} RETURNING target`.execute(transaction);
    if (rows.length === 0) throw new RangeError(`run ${run} holds no lease`);
    const targets = rows.map(({ target }) => target);
    const says = `${by} took the leases of ${run} on ${targets.join(', ')}: ${why}`;
    await note(transaction, { says, by, detail: { turned: 'release-leases', run, targets, why } });
  });
}

/** One line of the ledger about the switch. */
export interface SwitchLine {
  readonly says: string;
  readonly by: string;
  readonly detail: object;
}

/** Together with whatever the transaction holds. */
export function note(db: Db, { says, by, detail }: SwitchLine): Promise<void> {
  return writeBareLine(db, { kind: 'switch', actor: `person:${by}`, says, detail });
}
