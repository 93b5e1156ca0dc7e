/** `belay report morning`: what waits for the person who comes in, what is stopped, and what happened while nobody looked. */
import {
  countDelayed,
  countUndelivered,
  listBegun,
  listPages,
  listWaiting,
} from '../../../activities/store/report-now.js';
import { listQuarantine, listRuns, listSwitches } from '../../../activities/store/read.js';
import type { Db } from '../../../activities/store/db.js';
import type { Span } from '../../../activities/store/report-span.js';
import { durationText, seconds } from '../../../workflows/domain/time.js';
import { runDocument } from '../runs.js';
import { shellWord } from '../shell-word.js';
import { alarms, storms } from './intake.js';
import { counted, minuteText, type Report, type Reporting } from './part.js';
import { inTurn } from './weekly.js';

/** What needs somebody stands first. */
const parts: readonly Reporting[] = [waiting, stopped, delayed, happened, pages, storms, alarms];

export async function morningReport(db: Db, span: Span): Promise<Report> {
  const lasts = durationText(span.until.getTime() - span.from.getTime());
  return {
    title: `Belay in the ${lasts} to ${minuteText(span.until)} UTC`,
    parts: await inTurn(parts, (part) => part(db, span)),
  };
}

async function waiting(db: Db, { until }: Span): ReturnType<Reporting> {
  const rows = await listWaiting(db);
  return {
    key: 'waiting',
    heading: 'Waits for you',
    document: rows,
    says: [rows.length === 0 ? 'Nothing.' : `${counted(rows.length, 'run')}.`],
    table: {
      head: ['RUN', 'ALERT', 'SERVICE', 'FOR', 'ASKED'],
      rows: rows.map(({ run, alert, service, asked, askedAt }) => [
        run,
        alert,
        service,
        askedAt === null ? '-' : durationText(until.getTime() - askedAt.getTime()),
        asked ?? '-',
      ]),
    },
    commands: rows.map(({ run }) => `belay show ${shellWord(run)}`),
    ...(rows.length === 0 ? {} : { colour: 'yellow' as const }),
  };
}

/** By people, by the engine after a repair it could not take back. */
async function stopped(db: Db): ReturnType<Reporting> {
  const [switches, quarantined, watched] = await Promise.all([
    listSwitches(db),
    listQuarantine(db),
    listRuns(db, { limit: stuckLookedAt }),
  ]);
  const stuck = watched.filter(({ outcome, state }) => outcome === 'stuck' && state !== 'closed');
  const rows = [
    ...switches.map(({ scope, by, at, why }) => [
      'stopped',
      scope,
      minuteText(at),
      `${by}: ${why}`,
    ]),
    ...quarantined.map(({ target, run, at, why }) => {
      return ['quarantined', target, minuteText(at), `${run}: ${why}`];
    }),
    ...stuck.map(({ run, why, changed_at: at }) => ['stuck', run, minuteText(at), why ?? '']),
  ];
  return {
    key: 'stopped',
    heading: 'Stopped or in quarantine',
    document: { switches, quarantined, stuck: stuck.map(runDocument) },
    says: rows.length === 0 ? ['Nothing.'] : [],
    table: { head: ['WHAT', 'WHICH', 'SINCE', 'WHY'], rows },
    commands: [
      ...switches.map(({ scope }) => resuming(scope)),
      ...quarantined.map(({ target }) => resuming(`target:${target}`)),
    ],
    ...(rows.length === 0 ? {} : { colour: 'red' as const }),
  };
}

function resuming(scope: string): string {
  return `belay resume ${shellWord(scope)} --why '...'`;
}

const stuckLookedAt = 1000;

async function delayed(db: Db, { until }: Span): ReturnType<Reporting> {
  const [inbox, notices] = await Promise.all([countDelayed(db), countUndelivered(db)]);
  const { pending, oldestAt, held, deadLetters, givenUp } = inbox;
  const sinceMs = oldestAt === null ? 0 : until.getTime() - oldestAt.getTime();
  const says = [
    ...(pending > 0 && sinceMs >= seconds(60)
      ? [
          `${counted(pending, 'alert')} came in and began nothing yet, the oldest ${durationText(sinceMs)} ago.`,
        ]
      : []),
    ...(held > 0 ? [`${counted(held, 'alert')} held by a storm.`] : []),
    ...(deadLetters > 0 ? [`${counted(deadLetters, 'dead letter')}: belay inbox.`] : []),
    ...(givenUp > 0 ? [`${counted(givenUp, 'alert')} given up: belay inbox.`] : []),
    ...(notices.count > 0 ? [`${counted(notices.count, 'notice')} not delivered yet.`] : []),
  ];
  return {
    key: 'delayed',
    heading: 'What lies there',
    document: { ...inbox, notices },
    says: says.length === 0 ? ['Nothing.'] : says,
    ...(says.length === 0 ? {} : { colour: 'yellow' as const }),
  };
}

const begunMax = 50;

async function happened(db: Db, span: Span): ReturnType<Reporting> {
  const rows = await listBegun(db, span, begunMax);
  const sum =
    rows.length === begunMax ? `The latest ${begunMax} runs.` : `${counted(rows.length, 'run')}.`;
  return {
    key: 'happened',
    heading: 'What happened',
    document: rows.map(runDocument),
    says: [rows.length === 0 ? 'No run began.' : sum],
    table: {
      head: ['AT', 'ALERT', 'SERVICE', 'RUNBOOK', 'LEVEL', 'CAME TO'],
      rows: rows.map(
        ({ opened_at: at, alert, service, runbook, level, outcome, reason, state }) => [
          at === null ? '-' : minuteText(at),
          alert.name,
          service,
          runbook,
          level === null ? '-' : String(level),
          outcome === null ? state : `${outcome}${reason === null ? '' : ` (${reason})`}`,
        ],
      ),
    },
  };
}

async function pages(db: Db, span: Span): ReturnType<Reporting> {
  const rows = await listPages(db, span);
  return {
    key: 'pages',
    heading: 'Who was woken, and why',
    document: rows,
    says: rows.length === 0 ? ['Nobody was paged.'] : [`${counted(rows.length, 'page')}.`],
    table: {
      head: ['AT', 'PAGE', 'DELIVERED'],
      rows: rows.map(({ at, title, delivered }) => [
        minuteText(at),
        title,
        delivered ? 'yes' : 'not yet',
      ]),
    },
  };
}
