/** Remembers which steps were let in, as a part of the statement that writes the decision; forgets what no window reaches any more. */
import { sql, type RawBuilder } from 'kysely';
import { pgJson } from '../pg-json.js';
import type { AdmittedStep } from './wanted.js';

/** Rows of old that go with each admission: more than it adds, so that they can only become fewer. */
const forgottenPerAdmission = 20;
/** The longest window of the rules, and an hour. */
const keptHours = 25;

/** A part named `let_in`. A step that is let in again, in another proposal of its run, was let in once. */
export function admitting(steps: readonly AdmittedStep[]): RawBuilder<unknown> {
  return sql`
    forgotten AS (
      DELETE FROM admissions WHERE ctid IN (
        SELECT ctid FROM admissions WHERE at < statement_timestamp() - ${keptHours} * interval '1 hour'
        ORDER BY at LIMIT ${forgottenPerAdmission} FOR UPDATE SKIP LOCKED
      )
    ),
    let_in AS (
      INSERT INTO admissions (run, step, service, zone, action, action_class, target, risk)
      SELECT run, step, service, zone, action, action_class, target, risk
      FROM jsonb_to_recordset(${pgJson(steps)}::jsonb) AS step(
        run text, step text, service text, zone text, action text, action_class text, target text, risk integer)
      ON CONFLICT (run, step) DO NOTHING
    )`;
}
