/** The tables as kysely sees them; the migrations make them. Times are timestamptz, durations and episode keys milliseconds. */
import type { ColumnType, Generated, Insertable, Selectable } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import type { EntryKind, Notice, Tier } from '../../workflows/domain/entry.js';
import type { Json } from '../../workflows/domain/json.js';
import type { Level } from '../../workflows/domain/level.js';
import type { OutcomeKind } from '../../workflows/domain/outcome.js';
import type { Reason } from '../../workflows/domain/reason.js';
import type { RunState } from '../../workflows/runtime.js';
import type { FactKind } from './trust/fact.js';

/** jsonb: text going in (pg would write an array as a PostgreSQL array), a value coming out. */
type JsonColumn<Value> = ColumnType<Value, string, string>;
/** Set by the database's clock unless given. */
type Stamped = ColumnType<Date, Date | undefined, Date>;
type Nullable<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;
type NullableJson = ColumnType<Json, string | null | undefined, string | null>;

export type InboxState = 'pending' | 'dispatched' | 'unmatched' | 'unparsed' | 'dead' | 'dropped';

/** What arrived, before anything was done about it. One row for each transition of an episode. */
export interface InboxTable {
  id: Generated<number>;
  source: string;
  fingerprint: string;
  starts_at_ms: number;
  status: string;
  alert: JsonColumn<Alert>;
  received_at: Stamped;
  state: ColumnType<InboxState, InboxState | undefined, InboxState>;
  attempts: Generated<number>;
  next_attempt_at: Stamped;
  run: Nullable<string>;
  why: Nullable<string>;
  /** How often the same row arrived again. */
  repeats: Generated<number>;
  environment: Generated<string>;
  /** A resolution that does not say when its episode began. */
  start_unknown: Generated<boolean>;
  /** The row of the firing that this one only says again. */
  repeat_of: Nullable<number>;
  /** The storm it arrived in. */
  storm: Nullable<number>;
  /** A firing that waits for its storm to let it go, or was let go and whose run is not seen yet. */
  hold: Nullable<'held' | 'let-go'>;
}

/** A projection of the ledger: what a list of runs needs, rebuilt by reading the ledger in order. */
export interface RunsTable {
  run: string;
  runbook: string;
  service: string;
  environment: string;
  trigger: string;
  alert: JsonColumn<Alert>;
  state: RunState;
  level: Nullable<Level>;
  plan_hash: Nullable<string>;
  outcome: Nullable<OutcomeKind>;
  reason: Nullable<Reason>;
  why: Nullable<string>;
  opened_at: Nullable<Date>;
  closed_at: Nullable<Date>;
  changed_at: Stamped;
}

/** Insert-only; see the migration. */
export interface LedgerTable {
  seq: Generated<number>;
  id: string;
  /** Null for what belongs to no run, such as a switch; then runbook and service are null too. */
  run: string | null;
  runbook: string | null;
  digest: string | null;
  service: string | null;
  environment: string | null;
  tier: Tier | null;
  kind: EntryKind;
  action_class: string | null;
  trigger: string | null;
  actor: string | null;
  level: Level | null;
  reason: Reason | null;
  outcome: OutcomeKind | null;
  step: string | null;
  says: string;
  expected: NullableJson;
  actual: NullableJson;
  before_state: NullableJson;
  after_state: NullableJson;
  duration_ms: number | null;
  /** The run's clock. */
  at: Date;
  recorded_at: Stamped;
  detail: NullableJson;
}

export interface OperationsTable {
  operation_id: string;
  state: 'claimed' | 'done';
  first_attempt_at: Stamped;
  claimed_until: Date;
  attempts: number;
  result: NullableJson;
}

export interface LeasesTable {
  target: string;
  holder: string;
  fence: Generated<number>;
  taken_at: Stamped;
  /** Of the run that holds it, and where that service runs: the lease is its share of both. */
  service: Nullable<string>;
  zone: Nullable<string>;
}

/** Steps that were let in, for as long as a window of the guards may count them. */
export interface AdmissionsTable {
  run: string;
  step: string;
  service: string;
  zone: Nullable<string>;
  action: string;
  action_class: string;
  target: string;
  risk: number;
  at: Stamped;
}

/** Which parts of the fleet are in a storm, or coming out of one. */
export interface FleetStormsTable {
  scope: string;
  state: 'calm' | 'on' | 'ending';
  since: Date;
}

export interface QuarantineTable {
  target: string;
  run: string;
  why: string;
  at: Stamped;
}

export interface SwitchesTable {
  scope: string;
  by: string;
  why: string;
  at: Stamped;
}

/** Who asked for a stopped scope to be resumed. */
export interface ResumeRequestsTable {
  scope: string;
  person: string;
  why: string;
  at: Stamped;
}

/** How many people must ask; `*` is for every scope without a row of its own. */
export interface ResumeRulesTable {
  scope: string;
  approvals_min: number;
  within_ms: number;
}

export interface NoticesTable {
  id: string;
  run: string;
  to: string;
  urgency: Notice['urgency'];
  title: string;
  text: string;
  created_at: Stamped;
  delivered_at: Nullable<Date>;
  /** Names of the channels that took it. */
  delivered_to: ColumnType<string[], string[] | undefined, string[]>;
  attempts: Generated<number>;
  next_attempt_at: Stamped;
  why: Nullable<string>;
}

/** Bodies that were let in and not understood. */
export interface DeadLettersTable {
  id: Generated<number>;
  source: string;
  /** Of source, headers and body; with the source it is unique. */
  digest: string;
  received_at: Stamped;
  last_at: Stamped;
  count: Generated<number>;
  why: string;
  headers: JsonColumn<Record<string, string>>;
  body: Buffer;
  body_bytes: Generated<number>;
  state: ColumnType<DeadLetterState, DeadLetterState | undefined, DeadLetterState>;
  settled_why: Nullable<string>;
}

export type DeadLetterState = 'kept' | 'replayed' | 'dropped';

/** What the ledger showed of a class of action, once for each run; see store/trust/fact.ts. */
export interface TrustFactsTable {
  run: string;
  action_class: string;
  fact: FactKind;
  tier: Tier;
  environment: string;
  service: string;
  runbook: string;
  /** The ledger line that showed it. */
  entry: string;
  at: Date;
}

/** The level a class of action has earned; absent means the default. */
export interface TrustCeilingsTable {
  action_class: string;
  tier: Tier;
  environment: string;
  ceiling: Level;
  why: string;
  /** The ledger line that set it. */
  entry: string;
  changed_at: Stamped;
}

export interface Database {
  inbox: InboxTable;
  runs: RunsTable;
  ledger: LedgerTable;
  operations: OperationsTable;
  leases: LeasesTable;
  admissions: AdmissionsTable;
  fleet_storms: FleetStormsTable;
  quarantine: QuarantineTable;
  switches: SwitchesTable;
  resume_requests: ResumeRequestsTable;
  resume_rules: ResumeRulesTable;
  notices: NoticesTable;
  dead_letters: DeadLettersTable;
  trust_facts: TrustFactsTable;
  trust_ceilings: TrustCeilingsTable;
}

export type InboxRow = Selectable<InboxTable>;
export type NewInboxRow = Insertable<InboxTable>;
export type RunRow = Selectable<RunsTable>;
export type LedgerRow = Selectable<LedgerTable>;
export type NoticeRow = Selectable<NoticesTable>;
export type SwitchRow = Selectable<SwitchesTable>;
export type ResumeRequestRow = Selectable<ResumeRequestsTable>;
export type QuarantineRow = Selectable<QuarantineTable>;
export type DeadLetterRow = Selectable<DeadLettersTable>;
export type LeaseRow = Selectable<LeasesTable>;
