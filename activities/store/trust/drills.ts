/** Drills in the ledger: a runbook was tried against its own fault, and what came of it. The latest of a runbook decides. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../db.js';
import { writeTrustLine } from './line.js';

/** The fault was injected and the run repaired it; its repair was taken back; nobody answered and the chain was walked. */
export const drillParts = ['fault', 'undo', 'escalation'] as const;
export type DrillPart = (typeof drillParts)[number];

export interface PartResult {
  readonly part: DrillPart;
  readonly passed: boolean;
  /** A sentence; of a part that did not pass, what was seen instead. */
  readonly seen: string;
  /** The run in the sandbox, and a digest of its ledger lines; empty when there was none. */
  readonly run: string;
  readonly ledgerSha256: string;
}

export interface Drill {
  readonly runbook: string;
  /** Classes of the steps that were begun. */
  readonly classes: readonly string[];
  readonly parts: readonly PartResult[];
  readonly by: string;
  readonly tookMs: number;
}

export interface RecordedDrill extends Drill {
  readonly entry: string;
  readonly at: Date;
}

/** Answers the id of its line. */
export async function recordDrill(db: Db, drill: Drill): Promise<string> {
  const id = randomUUID();
  const missed = drill.parts.filter(({ passed }) => !passed).map(({ part }) => part);
  const says =
    missed.length === 0
      ? `drill of ${drill.runbook}: ${drill.parts.map(({ part }) => part).join(', ')} passed`
      : `drill of ${drill.runbook}: ${missed.join(', ')} did not pass`;
  const line = { id, kind: 'drill', actor: `person:${drill.by}`, says, detail: drill } as const;
  await writeTrustLine(db, line);
  return id;
}

/** The latest of each runbook, by name. */
export async function latestDrills(db: Db): Promise<ReadonlyMap<string, RecordedDrill>> {
  const { rows } = await sql<{ id: string; at: Date; detail: Drill }>`
    SELECT DISTINCT ON (detail ->> 'runbook') id, at, detail FROM ledger
    WHERE kind = 'drill' ORDER BY detail ->> 'runbook', seq DESC`.execute(db);
  return new Map(
    rows.map(({ id, at, detail }) => [detail.runbook, { ...detail, entry: id, at }] as const),
  );
}

/** False also of a runbook that was never drilled. */
export function partPassed(drill: Drill | undefined, part: DrillPart): boolean {
  return drill?.parts.some((result) => result.part === part && result.passed) ?? false;
}
