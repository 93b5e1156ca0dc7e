/** The time a report is about, and how often what happened in it; knows no clock and no table. */
import { sql, type RawBuilder } from 'kysely';

/** From the first instant on, up to the second one and without it. */
export interface Span {
  readonly from: Date;
  readonly until: Date;
}

/** SQL: true when the column's time lies in the span. */
export function isIn(column: string, { from, until }: Span): RawBuilder<boolean> {
  const at = sql.ref(column);
  return sql<boolean>`(${at} >= ${from} AND ${at} < ${until})`;
}
