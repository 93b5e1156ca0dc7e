/** The parts of a report that are about the intake: storms, what was not understood, and alerts that have no runbook. */
import { listGaps, type Gap } from '../../../activities/store/gaps.js';
import { countUnread, listAlarms, listStorms } from '../../../activities/store/report-intake.js';
import { durationText } from '../../../workflows/domain/time.js';
import { nextOf, type Next } from '../gap-next.js';
import { counted, minuteText, type Reporting } from './part.js';

export const storms: Reporting = async (db, span) => {
  const rows = await listStorms(db, span);
  return {
    key: 'storms',
    heading: 'Storms',
    document: rows,
    says: [rows.length === 0 ? 'None.' : `${counted(rows.length, 'storm')} of alerts.`],
    table: {
      head: ['BEGAN', 'LASTED', 'ENVIRONMENT', 'ALERTS', 'BEGUN', 'NEEDED NONE', 'STILL HELD'],
      rows: rows.map(({ beganAt, endedAt, domain, firings, begun, passedOver, held }) => [
        minuteText(beganAt),
        endedAt === null ? 'is on' : durationText(endedAt.getTime() - beganAt.getTime()),
        domain === '' ? '(none)' : domain,
        ...[firings, begun, passedOver, held].map(String),
      ]),
    },
    ...(rows.some(({ endedAt }) => endedAt === null) ? { colour: 'red' as const } : {}),
  };
};

/** Services that were repaired again and again, and storms: what was critical enough for a page of its own. */
export const alarms: Reporting = async (db, span) => {
  const rows = await listAlarms(db, span);
  return {
    key: 'alarms',
    heading: 'Pages that were about no single run',
    document: rows,
    says: rows.length === 0 ? ['None.'] : [],
    table: { head: ['AT', 'SAYS'], rows: rows.map(({ at, says }) => [minuteText(at), says]) },
  };
};

export const unread: Reporting = async (db, span) => {
  const rows = await countUnread(db, span);
  const kept = rows.reduce((sum, row) => sum + row.kept, 0);
  const open = kept === 0 ? '' : ` ${counted(kept, 'dead letter')} to be looked at: belay inbox.`;
  return {
    key: 'unread',
    heading: 'What was not taken in',
    document: rows,
    says: [
      rows.length === 0
        ? 'Everything was taken in.'
        : `From ${counted(rows.length, 'source')}.${open}`,
    ],
    table: {
      head: ['SOURCE', 'DEAD LETTERS', 'SENT', 'OPEN', 'GIVEN UP', 'WRONG SECRET', 'OLD TIME'],
      rows: rows.map(({ source, letters, times, kept: open, givenUp, wrongSecret, stale }) => {
        return [source, ...[letters, times, open, givenUp, wrongSecret, stale].map(String)];
      }),
    },
  };
};

const gapsMax = 20;

interface Missing extends Next {
  readonly gap: Gap;
}

/** Runbooks to write, the most wanted first; an alert that a runbook takes by now is no gap any more. */
export const gaps: Reporting = async (db, { from, until }) => {
  const sinceMs = until.getTime() - from.getTime();
  const all = (await listGaps(db, { sinceMs, until, limit: gapsMax }))
    .map((gap): Missing => ({ gap, ...nextOf(gap) }))
    .filter(({ takenBy }) => takenBy === null);
  const commands = all.flatMap(({ command }) => (command === null ? [] : [command]));
  const begin = commands.length === 0 ? '' : ' Each command below begins one.';
  return {
    key: 'gaps',
    heading: 'Runbooks to write',
    document: all.map(documentOf),
    says: [
      all.length === 0
        ? 'A runbook took every alert.'
        : `No runbook takes ${counted(all.length, 'alert')}.${begin}`,
    ],
    table: {
      head: ['ALERT', 'EPISODES', 'SERVICES', 'LAST SEEN', 'WHY'],
      rows: all.map(({ gap, says }) => [
        gap.name,
        String(gap.episodes),
        String(gap.services),
        minuteText(gap.lastSeenAt),
        says ?? gap.why ?? '',
      ]),
    },
    commands,
  };
};

function documentOf({ gap, command, says }: Missing): object {
  const { name, services, episodes, messages, firstSeenAt, lastSeenAt, alert, why } = gap;
  const counts = { alert: name, source: alert.source, services, episodes, messages };
  return { ...counts, firstSeenAt, lastSeenAt, why, command, says };
}
