/** Writes what belongs to no run: its line in the ledger and its notice, together with whatever the transaction holds. */
import { sql } from 'kysely';
import type { Db } from './db.js';
import { write } from './pages.js';
import { pgJson, pgText } from './pg-json.js';
import type { Announcement } from './storm-rules.js';

/** Everyone is told. Writing the same id again changes nothing. Throws when it could not be written. */
export async function announce(db: Db, told: Announcement): Promise<void> {
  await sql`
    INSERT INTO ledger (id, kind, tier, actor, says, at, detail)
    VALUES (${told.id}, 'intake', ${told.tier}, 'belay', ${pgText(told.says)}, clock_timestamp(),
      ${pgJson(told.detail)}::jsonb)
    ON CONFLICT (id) DO NOTHING`.execute(db);
  const notice = { id: told.id, run: told.about, to: 'everyone', ...told.notice };
  await write(db, { ...nothing, notices: [notice] });
}

const nothing = {
  refs: [],
  lines: [],
  notices: [],
  released: [],
  dropped: [],
  quarantined: [],
} as const;
