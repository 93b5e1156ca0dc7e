/** Lines of the ledger that the intake writes about a source; they belong to no run and change nothing else. */
import type { Json } from '../../workflows/domain/json.js';
import { writeBareLine } from './bare-line.js';
import type { Db } from './db.js';

export interface IntakeLine {
  /** One sentence for a person. */
  readonly says: string;
  readonly detail: Json;
}

/** The same may happen twice and be meant both times. Throws when it could not be written. */
export function noteIntake(db: Db, { says, detail }: IntakeLine): Promise<void> {
  return writeBareLine(db, { kind: 'intake', actor: 'belay', says, detail });
}
