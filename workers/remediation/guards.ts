/** Joins the files of the guards with the log, the metrics and the people of the process: what is wrong with one is told, once a day. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { createPrometheusBudgets } from '../../activities/guards/error-budget.js';
import { createGuards, type Guards } from '../../activities/guards/source.js';
import { announce } from '../../activities/store/announcement.js';
import type { Db } from '../../activities/store/db.js';
import type { Announcement } from '../../activities/store/storm-rules.js';
import { hours, seconds } from '../../workflows/domain/time.js';
import type { Metrics } from '../metrics.js';
import type { GuardSettings } from '../settings.js';

interface Told {
  readonly db: Db;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface AnnouncedGuards {
  readonly guards: Guards;
  stop(): void;
}

/** The files are read when a run asks; a calendar that broke must not wait for the next run to be heard of. */
const lookEveryMs = seconds(30);

/** Resolves once the files were read; a problem that cannot be told is logged, and the last good files are in force all the same. */
export async function announcedGuards(
  files: GuardSettings,
  { db, metrics, log }: Told,
): Promise<AnnouncedGuards> {
  const guards = createGuards({ ...files, errorBudgets: createPrometheusBudgets() });
  let wrong: readonly string[] = [];
  metrics.gauge(
    { name: 'belay_guards_refused', description: 'Files of the guards that are not in force' },
    () => wrong.length,
  );
  const look = async (): Promise<void> => {
    const found = await guards.problems();
    const fresh = found.filter((problem) => !wrong.includes(problem));
    wrong = found;
    for (const problem of fresh) {
      log.error(problem);
      await announce(db, problemText(problem, Date.now())).catch((error: unknown) => {
        log.error({ err: error }, 'nobody could be told what is wrong with the guards');
      });
    }
  };
  await look();
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  return { guards, stop: () => clearInterval(timer) };
}

/** Of several workers that see the same, one tells. Without a last good file every run is refused: that cannot wait. */
function problemText(problem: string, nowMs: number): Announcement {
  const day = Math.floor(nowMs / hours(24));
  const digest = createHash('sha256').update(problem).digest('hex').slice(0, 16);
  const holds = problem.endsWith('stays in force');
  const title = holds ? 'A file of the guards is not in force' : 'The guards refuse every run';
  return {
    id: `guards.${digest}.${day}`,
    about: 'guards',
    tier: holds ? 'warning' : 'critical',
    says: `the guards: ${problem}`,
    detail: { problem },
    notice: { urgency: holds ? 'tell' : 'page', title, text: problem },
  };
}
