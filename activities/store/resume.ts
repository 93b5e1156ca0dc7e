/**
 * Resuming what was stopped, by one person or by as many as the rule of its scope wants. A stop is never lifted by time, and
 * never by fewer people than the rule that stands in the database says, wherever they ask from.
 */
import { sql } from 'kysely';
import { instantText, minutes } from '../../workflows/domain/time.js';
import { writeBareLine } from './bare-line.js';
import type { Db } from './db.js';
import { pgText } from './pg-json.js';
import { requireScope } from './scope.js';
import { note, type Turning } from './switches.js';

/** `asked`: the request stands in the ledger and others must ask too, until then; nothing was resumed. */
export type Resumption =
  | { readonly state: 'resumed'; readonly people: readonly string[] }
  | {
      readonly state: 'asked';
      readonly people: readonly string[];
      readonly approvalsMin: number;
      readonly untilMs: number;
    };

/** How many people, and within how long of the first, resume a scope. */
export interface ResumeRule {
  readonly approvalsMin: number;
  readonly withinMs: number;
}

/** Where nobody gave a rule: as it always was. */
export const oneIsEnough: ResumeRule = { approvalsMin: 1, withinMs: minutes(15) };

/** For every scope that has no rule of its own. */
export const anyScope = '*';

/** Throws a RangeError that lists what is stopped when this scope is not: a resume that did nothing must not look like one. */
export async function resume(db: Db, scope: string, { by, why }: Turning): Promise<Resumption> {
  requireScope(scope);
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql`SELECT FROM switches WHERE scope = ${scope} FOR UPDATE`.execute(
      transaction,
    );
    if (rows.length === 0) throw new RangeError(await nothingStopped(transaction, scope));
    const rule = await ruleOf(transaction, scope);
    const asking = { scope, by, why, rule };
    if (rule.approvalsMin > 1) return resumeTogether(transaction, asking);
    await lift(transaction, asking, [by]);
    return { state: 'resumed', people: [by] };
  });
}

interface Asking extends Turning {
  readonly scope: string;
  readonly rule: ResumeRule;
}

/** The row of the switch is locked: two who ask at once are counted one after the other. */
async function resumeTogether(db: Db, asking: Asking): Promise<Resumption> {
  const { scope, by, why, rule } = asking;
  const { approvalsMin, withinMs } = rule;
  await sql`
    DELETE FROM resume_requests
    WHERE scope = ${scope} AND at < clock_timestamp() - ${withinMs} * interval '1 millisecond'`.execute(
    db,
  );
  await sql`
    INSERT INTO resume_requests (scope, person, why) VALUES (${scope}, ${personKey(by)}, ${pgText(why)})
    ON CONFLICT (scope, person) DO UPDATE SET why = excluded.why`.execute(db);
  const { rows } = await sql<{ person: string; at: Date }>`
    SELECT person, at FROM resume_requests WHERE scope = ${scope} ORDER BY at, person`.execute(db);
  const people = rows.map(({ person }) => person);
  if (people.length >= approvalsMin) {
    await lift(db, asking, people);
    return { state: 'resumed', people };
  }
  const untilMs = (rows[0]?.at.getTime() ?? 0) + withinMs;
  const missing = approvalsMin - people.length;
  const says = `${by} asked to resume ${scope}: ${why}; ${missing} more must ask by ${instantText(untilMs)}`;
  const detail = { turned: 'resume-asked', scope, why, people, approvalsMin };
  await note(db, { says, by, detail });
  return { state: 'asked', people, approvalsMin, untilMs };
}

/** `Ana ` is nobody else than `ana`. */
function personKey(by: string): string {
  return pgText(by.trim().normalize('NFKC').toLowerCase());
}

async function lift(
  db: Db,
  { scope, by, why, rule }: Asking,
  people: readonly string[],
): Promise<void> {
  await sql`DELETE FROM switches WHERE scope = ${scope}`.execute(db);
  await sql`DELETE FROM resume_requests WHERE scope = ${scope}`.execute(db);
  const together = rule.approvalsMin > 1;
  const says = `${together ? people.join(' and ') : by} resumed ${scope}: ${why}`;
  const detail = { turned: 'resume', scope, why, ...(together ? { people: [...people] } : {}) };
  await note(db, { says, by, detail });
}

/** The row of the scope, else the row for all, else one person. Throws when it cannot be read: nothing is resumed then. */
async function ruleOf(db: Db, scope: string): Promise<ResumeRule> {
  const { rows } = await sql<{ approvals_min: number; within_ms: number }>`
    SELECT approvals_min, within_ms FROM resume_rules WHERE scope IN (${scope}, ${anyScope})
    ORDER BY scope = ${anyScope} LIMIT 1`.execute(db);
  const [row] = rows;
  if (row === undefined) return oneIsEnough;
  return { approvalsMin: row.approvals_min, withinMs: row.within_ms };
}

async function nothingStopped(db: Db, scope: string): Promise<string> {
  const stopped = await db
    .selectFrom('switches')
    .select('scope')
    .orderBy('scope')
    .limit(100)
    .execute();
  const list = stopped.map((row) => row.scope).join(', ');
  return `${scope} is not stopped; ${list === '' ? 'nothing is' : `stopped are: ${list}`}`;
}

/**
 * Puts the rules of a policy file in the place of those that stand, with a ledger line when they differ. The workers do it at
 * their start, so that whoever resumes is held to them without having the file.
 */
export async function setResumeRules(
  db: Db,
  rules: Readonly<Record<string, ResumeRule>>,
): Promise<'changed' | 'as-before'> {
  const wanted = Object.entries(rules).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return db.transaction().execute(async (transaction) => {
    await sql`LOCK TABLE resume_rules IN EXCLUSIVE MODE`.execute(transaction);
    const rows = await transaction.selectFrom('resume_rules').selectAll().execute();
    const standing = rows
      .map((row) => {
        const rule = { approvalsMin: row.approvals_min, withinMs: row.within_ms };
        return [row.scope, rule] as const;
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (JSON.stringify(standing) === JSON.stringify(wanted)) return 'as-before';
    await transaction.deleteFrom('resume_rules').execute();
    for (const [scope, { approvalsMin, withinMs }] of wanted) {
      const row = { scope, approvals_min: approvalsMin, within_ms: withinMs };
      await transaction.insertInto('resume_rules').values(row).execute();
    }
    const text = wanted.map(([scope, rule]) => `${scope} ${rule.approvalsMin}`).join(', ');
    const says = `people it takes to resume: ${text === '' ? 'one everywhere' : text}`;
    const detail = { turned: 'rules', rules: Object.fromEntries(wanted), before: standing };
    await writeBareLine(transaction, { kind: 'switch', actor: 'belay', says, detail });
    return 'changed';
  });
}
