/** `belay report weekly`: for the person who plans the week, what Belay did in the last one and what is worth doing next. */
import type { Db } from '../../../activities/store/db.js';
import type { Span } from '../../../activities/store/report-span.js';
import { durationText } from '../../../workflows/domain/time.js';
import { autonomy } from './autonomy.js';
import { alarms, gaps, storms, unread } from './intake.js';
import { minuteText, type Report, type Reporting } from './part.js';
import { actedAlone, decisions, outcomes, recurrences, refusals } from './runs.js';

/** In the order in which they are read. */
const parts: readonly Reporting[] = [
  outcomes,
  actedAlone,
  decisions,
  refusals,
  recurrences,
  autonomy,
  storms,
  alarms,
  unread,
  gaps,
];

export async function weeklyReport(db: Db, span: Span): Promise<Report> {
  const lasts = durationText(span.until.getTime() - span.from.getTime());
  return {
    title: `Belay in the ${lasts} to ${minuteText(span.until)} UTC`,
    parts: await inTurn(parts, (part) => part(db, span)),
  };
}

/** One after the other: a report is in no hurry, and a database in the middle of something is. */
export async function inTurn<Given, Made>(
  given: readonly Given[],
  make: (one: Given) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const one of given) made.push(await make(one));
  return made;
}
