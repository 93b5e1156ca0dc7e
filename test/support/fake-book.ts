/** Ledger and outbox in memory: what is already there by id is not written again, and the first outcome and close stand. */
import { neverBegunSays } from '../../activities/store/never-begun.js';
import { entryIdOf, noticeIdOf } from '../../activities/store/entry-id.js';
import type { PolicyTable } from '../../activities/policy/table.js';
import type { Entry, Notice, Tier } from '../../workflows/domain/entry.js';
import type { Outcome } from '../../workflows/domain/outcome.js';
import type { Pages, RunRef } from '../../workflows/store.js';

export interface KeptEntry extends Entry {
  readonly id: string;
  readonly seq: number;
  readonly run: string;
  readonly runbook: string;
  readonly service: string;
  readonly tier: Tier | null;
  readonly recordedAtMs: number;
}

export interface KeptNotice extends Notice {
  readonly id: string;
  readonly run: string;
  readonly createdAtMs: number;
}

export class FakeBook {
  readonly ledger: KeptEntry[] = [];
  readonly notices: KeptNotice[] = [];
  readonly lines: (KeptEntry | KeptNotice)[] = [];
  private readonly ids = new Set<string>();
  private readonly closed = new Set<string>();
  private readonly outcomes = new Map<string, Outcome>();

  constructor(
    private readonly now: () => number,
    private readonly table: PolicyTable,
  ) {}

  /** Nothing is admitted for such a run any more; a resolved one may still be taken back. */
  isOver(run: string): boolean {
    return this.closed.has(run) || (this.outcomes.get(run)?.kind ?? 'resolved') !== 'resolved';
  }

  /** The outcome that stands where these entries bring another; null when they bring none, or theirs is the run's. */
  standingFor({ run, entries }: RunRef & Pick<Pages, 'entries'>): Outcome | null {
    const stands = this.outcomes.get(run);
    const brought = entries.find(({ kind }) => kind === 'outcome')?.outcome;
    if (stands === undefined || brought === undefined) return null;
    const isTakenBack = stands.kind === 'resolved' && takenBack.includes(brought);
    return isTakenBack ? null : stands;
  }

  write(ref: RunRef, { entries, notices }: Pages): void {
    const entryIds = entries.map((entry) => entryIdOf(ref.run, entry));
    for (const [position, entry] of entries.entries()) {
      this.keep(ref, { entry, id: entryIds[position] ?? '' });
    }
    for (const [position, notice] of notices.entries()) {
      const id = noticeIdOf(notice, { run: ref.run, entryIds, position });
      if (!this.isNew(id)) continue;
      const kept = { ...notice, id, run: ref.run, createdAtMs: this.now() };
      this.notices.push(kept);
      this.lines.push(kept);
    }
  }

  /** A line for each intent of the run whose operation no attempt claimed and no line speaks of, these new ones included. */
  accountForUnbegun(
    ref: RunRef & Pick<Pages, 'entries'>,
    claimed: (operationId: string) => boolean,
  ): void {
    const said = [...this.ledger.filter(({ run }) => run === ref.run), ...ref.entries];
    const met = new Set(
      said.filter(({ kind }) => kind === 'effect' || kind === 'undo').map(operationOf),
    );
    for (const intent of this.ledger.filter(
      ({ run, kind }) => run === ref.run && kind === 'intent',
    )) {
      const operation = operationOf(intent);
      if (met.has(operation) || claimed(operation)) continue;
      this.keep(ref, { entry: unbegun(intent, this.now()), id: `${intent.id} never begun` });
    }
  }

  private keep(ref: RunRef, { entry, id }: { entry: Entry; id: string }): void {
    const { run, runbook, alert } = ref;
    if (this.standingFor({ ...ref, entries: [entry] }) !== null) return;
    if (entry.kind !== 'signal' && this.closed.has(run)) return;
    if (!this.isNew(id)) return;
    const { services } = this.table;
    const { service } = alert;
    const tier = Object.hasOwn(services, service) ? (services[service]?.tier ?? null) : null;
    const at = { seq: this.ledger.length + 1, recordedAtMs: this.now() };
    const kept = { ...entry, ...at, id, run, runbook, service, tier };
    this.ledger.push(kept);
    this.lines.push(kept);
    if (entry.kind === 'closed') this.closed.add(run);
    if (entry.kind === 'outcome' && entry.outcome !== undefined)
      this.outcomes.set(run, outcomeOf(entry, entry.outcome));
  }

  private isNew(id: string): boolean {
    return !this.ids.has(id) && this.ids.add(id).has(id);
  }
}

const takenBack: readonly string[] = ['undone', 'unresolved', 'stuck'];

function outcomeOf({ says, reason }: Entry, kind: Outcome['kind']): Outcome {
  return { kind, reason: reason ?? null, why: says.replace(`${kind}: `, '') };
}

function operationOf({ detail }: Entry): string {
  return (detail as { readonly operation?: string } | undefined)?.operation ?? '';
}

function unbegun(intent: Entry, atMs: number): Entry {
  const operation = operationOf(intent);
  const { step, actionClass, before, expected } = intent;
  return {
    kind: operation.endsWith('/undo') ? 'undo' : 'effect',
    says: neverBegunSays,
    atMs,
    ...(step === undefined ? {} : { step }),
    ...(actionClass === undefined ? {} : { actionClass }),
    ...(before === undefined ? {} : { before }),
    ...(expected === undefined ? {} : { expected }),
    durationMs: 0,
    detail: { operation, applied: 'no' },
  };
}
