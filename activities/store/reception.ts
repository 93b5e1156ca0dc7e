/**
 * Where alerts are committed: into the inbox while they are few, into the backlog when a flood comes, since a row for each
 * would take longer than senders wait. Everything that arrives during one commit goes into the next.
 */
import type { Alert } from '../../workflows/domain/alert.js';
import type { Backlog } from './backlog.js';
import { createBatcher } from './batch.js';
import type { Db } from './db.js';
import { insertAlerts, type Taken } from './inbox-insert.js';
import { isItemFault } from './pg-error.js';

/** What became of the alerts of one request; either way they are committed. */
export type Received =
  | { readonly where: 'inbox'; readonly taken: readonly Taken[] }
  /** Whether they are new shows when they are unpacked. */
  | { readonly where: 'backlog' };

export interface Reception {
  /**
   * Commits all of them, together with those of other callers, before it resolves. Rejects with BatcherFull when too many
   * wait, and with what PostgreSQL said.
   */
  receive(alerts: readonly Alert[]): Promise<Received>;
}

export interface ReceptionParts {
  readonly db: Db;
  readonly backlog: Pick<Backlog, 'keep'>;
  /** Alerts of one commit that still get a row each at once; 64 unless given: some ten milliseconds. */
  readonly inboxMax?: number;
}

/** Requests in one commit, and requests that may wait for one; more and the caller is told to come back later. */
const requestsMax = 200;
const waitingMax = 2_000;
/** While one waits for the disk the next is read: the order of two requests never mattered. */
const commitsMax = 2;

export function createReception({ db, backlog, inboxMax = 64 }: ReceptionParts): Reception {
  const receiving = createBatcher<readonly Alert[], Received>({
    itemsMax: requestsMax,
    pendingMax: waitingMax,
    atOnceMax: commitsMax,
    blames: isItemFault,
    async flush(requests) {
      const all = requests.flat();
      if (all.length > inboxMax) {
        await backlog.keep(all);
        return requests.map(() => ({ where: 'backlog' }));
      }
      const taken = await insertAlerts(
        db,
        requests.map((alerts) => ({ alerts })),
      );
      return taken.map((rows) => ({ where: 'inbox', taken: rows }));
    },
  });
  return { receive: (alerts) => receiving.add(alerts) };
}
