/** `belay status`: what is stopped and by whom, and how many runs are under way. Reads the store and a file only. */
import type { Command } from 'commander';
import { sql } from 'kysely';
import type { Db } from '../../activities/store/db.js';
import { addCommand, print, type JsonOption } from './command.js';
import { withDb } from './connections.js';
import { readStopped, stoppedDocument, stoppedLines } from './stopped.js';
import type { Terminal } from './terminal.js';

export function addStatus(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'status',
    says: 'Show what is stopped, by whom and why, and what is under way',
  }).action(async (options: JsonOption) => {
    const { stopped, runs } = await withDb(terminal, async (db) => {
      const [stopped, runs] = await Promise.all([readStopped(db, terminal), countRuns(db)]);
      return { stopped, runs };
    });
    print(terminal, options, {
      document: { ...stoppedDocument(stopped), runs },
      lines: (paint) => {
        const lines = stoppedLines(stopped, paint);
        const counts = Object.entries(runs).map(([state, count]) => `${count} ${state}`);
        return [
          ...(lines.length === 0 ? [paint('green', 'nothing is stopped')] : lines),
          `runs: ${counts.join(', ') || 'none is open'}`,
        ];
      },
    });
  });
}

/** Open runs by state. */
async function countRuns(db: Db): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; count: number }>`
    SELECT state, count(*) AS count FROM runs WHERE state <> 'closed' GROUP BY state ORDER BY state`.execute(
    db,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
