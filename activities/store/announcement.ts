/** Writes what belongs to no run: its line in the ledger and its notice, together with whatever the transaction holds. */
import { writeBareLine } from './bare-line.js';
import type { Db } from './db.js';
import { writeNotice } from './pages.js';
import type { Announcement } from './storm-rules.js';

/** Everyone is told. Writing the same id again changes nothing. Throws when it could not be written. */
export async function announce(db: Db, told: Announcement): Promise<void> {
  const { id, tier, says, detail } = told;
  await writeBareLine(db, { id, kind: 'intake', tier, actor: 'belay', says, detail });
  const notice = { id: told.id, run: told.about, to: 'everyone', ...told.notice };
  await writeNotice(db, notice);
}
