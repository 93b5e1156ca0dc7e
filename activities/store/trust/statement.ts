/**
 * The statement that a person signs to promote a class of action: which record, from where to where, on which evidence, until
 * when. Canonical JSON (RFC 8785), so that everybody signs the same bytes.
 */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { tiers } from '../../../workflows/domain/entry.js';
import { canonical } from '../../../workflows/domain/json.js';
import type { Db } from '../db.js';
import type { RecordKey } from './ceiling.js';
import { windowDays, type TrustRecord } from './record.js';
import type { Standing } from './prerequisites.js';
import { nextLevel } from './rules.js';

/** What ssh-keygen's `-n` must say. */
export const promotionNamespace = 'belay-promotion@v1';

const name = z.string().min(1).max(200);
const count = z.int().min(0);
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime();

export const statementSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal('promotion'),
  record: z.strictObject({ actionClass: name, tier: z.enum(tiers), environment: name }),
  from: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  to: z.union([z.literal(3), z.literal(4), z.literal(5)]),
  evidence: z.strictObject({
    windowDays: count,
    trials: count,
    held: count,
    /** Lower bound in millionths: whole numbers have one form. */
    boundPpm: count,
    reviewed: count,
    hidden: count,
    /** Of the ids of the ledger lines counted, in order. */
    entries: z.strictObject({ count, sha256: hex }),
    drills: z.array(z.strictObject({ runbook: name, entry: name, at: instant })).max(100),
  }),
  /** Ledger line of the record's last change; empty for none. */
  since: z.string().max(200),
  proposedBy: name,
  proposedAt: instant,
  expiresAt: instant,
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
});

export type Statement = z.output<typeof statementSchema>;

export interface Proposing {
  readonly standing: Standing;
  readonly proposedBy: string;
}

/** Throws a RangeError where there is nothing to propose. */
export async function statementOf(db: Db, { standing, proposedBy }: Proposing): Promise<Statement> {
  const { record, drills, rules, nowMs } = standing;
  const { actionClass, tier, environment, ceiling } = record;
  const to = nextLevel(ceiling);
  if (to === undefined || ceiling === 5) throw new RangeError('level 5 is the highest');
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    v: 1,
    kind: 'promotion',
    record: { actionClass, tier, environment },
    from: ceiling,
    to,
    evidence: {
      windowDays,
      trials: record.trials,
      held: record.counts.held,
      boundPpm: Math.floor(record.bound * 1_000_000),
      reviewed: record.reviewed,
      hidden: record.hidden,
      entries: await entriesOf(db, record),
      drills: record.runbooks.flatMap((runbook) => {
        const drill = drills.get(runbook);
        return drill === undefined
          ? []
          : [{ runbook, entry: drill.entry, at: drill.at.toISOString() }];
      }),
    },
    since: record.since,
    proposedBy,
    proposedAt: at(nowMs),
    expiresAt: at(nowMs + rules.statementDays * 86_400_000),
    nonce: randomBytes(16).toString('hex'),
  };
}

async function entriesOf(db: Db, record: TrustRecord): Promise<{ count: number; sha256: string }> {
  const { actionClass, tier, environment }: RecordKey = record;
  const { rows } = await sql<{ entry: string }>`
    SELECT DISTINCT entry COLLATE "C" AS entry FROM trust_facts
    WHERE action_class = ${actionClass} AND tier = ${tier} AND environment = ${environment}
      AND at > now() - make_interval(days => ${windowDays})
    ORDER BY entry`.execute(db);
  const ids = rows.map(({ entry }) => `${entry}\n`).join('');
  return { count: rows.length, sha256: createHash('sha256').update(ids).digest('hex') };
}

/** The bytes to sign: the canonical form and one line break, as a terminal writes it. */
export function statementBytes(statement: Statement): Buffer {
  return Buffer.from(`${canonical(statement)}\n`);
}

/** Of the canonical form: a statement counts once, with or without its line break. */
export function statementDigest(statement: Statement): string {
  return createHash('sha256').update(canonical(statement)).digest('hex');
}

/** Throws a RangeError for bytes that are not exactly the canonical form of a statement. */
export function parseStatement(bytes: Buffer): Statement {
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError('it is no JSON; bring the file as belay trust propose printed it');
  }
  const parsed = statementSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new RangeError(
      `it is no statement of a promotion: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    );
  }
  const form = canonical(parsed.data);
  if (text !== form && text !== `${form}\n`) {
    throw new RangeError(
      'it is not in canonical form; bring the file as belay trust propose printed it',
    );
  }
  return parsed.data;
}
