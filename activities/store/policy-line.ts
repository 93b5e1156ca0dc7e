/** The ledger lines that tell which set of policies is in force, and which was refused; belongs to no run. */
import { sql } from 'kysely';
import type { PolicyNews } from '../policy/source.js';
import { writeBareLine } from './bare-line.js';
import type { Db } from './db.js';
import { pgText } from './pg-json.js';

/** Every worker reads the same files: what the latest such line says already is not said again. Throws what the database throws. */
export async function writePolicyLine(db: Db, news: PolicyNews): Promise<void> {
  const says = sentenceOf(news);
  const { rows } = await sql<{ says: string }>`
    SELECT says FROM ledger WHERE kind = 'policy' ORDER BY seq DESC LIMIT 1`.execute(db);
  if (rows[0]?.says === pgText(says)) return;
  await writeBareLine(db, { kind: 'policy', actor: 'belay', says, detail: news });
}

/** Characters of a set's digest that people see. */
const shortLength = 12;

function sentenceOf(news: PolicyNews): string {
  if (news.kind === 'in-force') {
    const { digest, release, policies } = news;
    const called = release === null ? '' : `, release ${release}`;
    return `the policy set ${digest.slice(0, shortLength)}${called} is in force: ${policies} policies`;
  }
  const instead =
    news.keeps === null
      ? 'none is in force and every run is refused'
      : `${news.keeps.slice(0, shortLength)} stays in force`;
  return `the policy files were refused, ${instead}: ${news.why}`;
}
