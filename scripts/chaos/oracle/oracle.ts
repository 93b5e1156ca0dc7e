/** The judge of a storm: from the evidence to everything that must not have happened. Pure; it hears no side but the records. */
import { instantMs } from '../../../workflows/domain/time.js';
import type { Mutation } from '../world/fleet.js';
import type { Evidence, LedgerLine } from './evidence.js';
import type { Violation } from './violation.js';

/** The ledger's stamps are cut to whole microseconds, the fleet's to whole milliseconds. */
const slackMs = 2;

/** When a run held its targets: from the admission that let it in until it gave them back. */
interface Hold {
  readonly fromMs: number;
  /** Infinity while it was never given back. */
  readonly toMs: number;
}

/** What one run left in the records. */
interface Told {
  readonly run: string;
  readonly lines: readonly LedgerLine[];
  readonly outcomes: readonly LedgerLine[];
  readonly holds: readonly Hold[];
}

/** Every violation there is, the gravest kinds first; empty is what one hopes for. */
export function judge(evidence: Evidence): Violation[] {
  const runs = runsOf(evidence.ledger);
  return [
    ...lost(evidence, runs),
    ...doubles(evidence),
    ...evidence.mutations.flatMap((mutation) => unfounded(mutation, runs, evidence)),
    ...overlapping(runs),
    ...badOutcomes(runs),
    ...changedThoughWithheld(evidence, runs),
    ...notEnded(evidence),
  ];
}

type Runs = ReadonlyMap<string, Told>;

function runsOf(ledger: readonly LedgerLine[]): Runs {
  const byRun = grouped(ledger, ({ run }) => run);
  return new Map([...byRun].map(([run, lines]) => [run, toldBy(run, lines)]));
}

function toldBy(run: string, lines: readonly LedgerLine[]): Told {
  const outcomes = lines.filter(({ kind }) => kind === 'outcome');
  return { run, lines, outcomes, holds: holdsOf(lines) };
}

/** Given back with the outcome, and by a run that changed nothing and proposes anew, with the line that says so. */
function holdsOf(lines: readonly LedgerLine[]): Hold[] {
  const holds: Hold[] = [];
  let fromMs: number | undefined;
  let hasChanged = false;
  for (const { admitted, kind, applied, recordedAtMs } of lines) {
    if (admitted) fromMs ??= recordedAtMs;
    if (kind === 'effect' && applied !== 'no') hasChanged = true;
    const isGivenBack = kind === 'outcome' || (kind === 'effect' && !hasChanged);
    if (fromMs === undefined || !isGivenBack) continue;
    holds.push({ fromMs, toMs: recordedAtMs });
    fromMs = undefined;
  }
  return fromMs === undefined ? holds : [...holds, { fromMs, toMs: Infinity }];
}

/** An acknowledged alert has its row, the row an answer, and the run it names an outcome. A row that was given up is lost too. */
function lost({ acknowledged, inbox }: Evidence, runs: Runs): Violation[] {
  const rows = new Map(
    inbox.map((row) => [`${row.fingerprint} ${row.startsAtMs} ${row.status}`, row]),
  );
  const found = new Map<string, Violation>();
  for (const { fingerprint, startsAt, status } of acknowledged) {
    const key = `${fingerprint} ${instantMs(startsAt) ?? 0} ${status}`;
    const row = rows.get(key);
    const why = row === undefined ? 'is not in the inbox' : lostBecause(row, runs);
    if (why === undefined) continue;
    const says = `alert ${fingerprint} (${status}, ${startsAt}) was acknowledged and ${why}`;
    found.set(key, { kind: 'lost', says, runs: row?.run ? [row.run] : [] });
  }
  return [...found.values()];
}

function lostBecause(row: Evidence['inbox'][number], runs: Runs): string | undefined {
  if (row.state === 'pending') return `still waits in the inbox: ${row.why ?? 'no reason'}`;
  if (row.state === 'dead') return `was given up: ${row.why ?? 'no reason'}`;
  if (row.state === 'unmatched') return row.why === null ? 'was left without a reason' : undefined;
  if (row.status === 'resolved') return undefined;
  const outcomes = runs.get(row.run ?? '')?.outcomes.length ?? 0;
  return outcomes > 0 ? undefined : `its run ${row.run ?? '(none)'} has no outcome`;
}

function doubles({ mutations }: Evidence): Violation[] {
  const byOperation = grouped(mutations, ({ operation }) => operation);
  return [...byOperation].flatMap(([operation, made]) => {
    if (made.length < 2) return [];
    const times = made.map(({ atMs, says }) => `${instant(atMs)} (${says})`).join(', ');
    return [
      { kind: 'double', says: `${operation} took effect at ${times}`, runs: [runOf(operation)] },
    ];
  });
}

/** No effect without its intent before it, outside its run's lease, or after a stop that its run was not let in before. */
function unfounded(mutation: Mutation, runs: Runs, { stops }: Evidence): Violation[] {
  const { operation, atMs, target } = mutation;
  const run = runOf(operation);
  const what = `${operation} changed ${target} at ${instant(atMs)}`;
  const told = runs.get(run);
  const intent = told?.lines.find((line) => line.kind === 'intent' && line.operation === operation);
  if (told === undefined || intent === undefined || intent.recordedAtMs > atMs + slackMs) {
    return [{ kind: 'no-intent', says: `${what} without an intent before it`, runs: [run] }];
  }
  const found: Violation[] = [];
  if (!isHeld(told, atMs)) {
    const says = `${what}, but its run held the target ${spansOf(told)}`;
    found.push({ kind: 'outside-its-lease', says, runs: [run] });
  }
  const letInMs = letInBefore(told, atMs);
  for (const { scope, fromMs, toMs } of stops) {
    if (!covers(scope, mutation, intent) || atMs <= fromMs || atMs >= toMs) continue;
    if (letInMs <= fromMs) continue; // it may end what it began
    const says = `${what}; ${scope} was stopped at ${instant(fromMs)}, it was let in at ${instant(letInMs)}`;
    found.push({ kind: 'acted-while-stopped', says, runs: [run] });
  }
  return found;
}

/** The admission that an effect stands on: the last one before it. */
function letInBefore({ lines }: Told, atMs: number): number {
  const admissions = lines.filter(({ admitted }) => admitted);
  return (
    admissions.findLast(({ recordedAtMs }) => recordedAtMs <= atMs + slackMs)?.recordedAtMs ?? atMs
  );
}

function isHeld({ holds }: Told, atMs: number): boolean {
  return holds.some(({ fromMs, toMs }) => atMs >= fromMs - slackMs && atMs <= toMs + slackMs);
}

function spansOf({ holds }: Pick<Told, 'holds'>): string {
  const spans = holds.map(({ fromMs, toMs }) => {
    return `from ${instant(fromMs)}${toMs === Infinity ? '' : ` to ${instant(toMs)}`}`;
  });
  return spans.join(' and ') || 'never';
}

function covers(scope: string, { service, verb }: Mutation, { runbook }: LedgerLine): boolean {
  const actionClass = verb === 'restart' ? 'restart' : 'configure';
  return [
    'everything',
    `service:${service}`,
    `class:${actionClass}`,
    `runbook:${runbook}`,
  ].includes(scope);
}

/** Two runs that held one target at the same time. */
function overlapping(runs: Runs): Violation[] {
  const holding = [...runs.values()].flatMap(({ run, lines, holds }) => {
    const targets = new Set(lines.flatMap(({ targets: named }) => named));
    return [...targets].flatMap((target) => holds.map((hold) => ({ target, run, ...hold })));
  });
  return [...grouped(holding, ({ target }) => target)].flatMap(([target, holders]) => {
    const inOrder = holders.toSorted((a, b) => a.fromMs - b.fromMs);
    return inOrder.flatMap((next, place) => {
      const before = inOrder[place - 1];
      if (before === undefined || before.toMs <= next.fromMs + slackMs) return [];
      const [one, other] = [before, next].map(
        (hold) => `${hold.run} ${spansOf({ holds: [hold] })}`,
      );
      const says = `${target} was held by ${one}, and by ${other}`;
      return [{ kind: 'two-at-one-target', says, runs: [before.run, next.run] } as const];
    });
  });
}

/** Exactly one, and once more only for a resolved run that was taken back. */
function badOutcomes(runs: Runs): Violation[] {
  return [...runs.values()].flatMap(({ run, outcomes, lines }) => {
    const closed = lines.filter(({ kind }) => kind === 'closed').length;
    const [first, second, ...more] = outcomes;
    const isTakenBack = first?.outcome === 'resolved' && second?.outcome !== 'resolved';
    const isOne = first !== undefined && (second === undefined || isTakenBack) && more.length === 0;
    if (isOne && closed === 1) return [];
    const says = `${run} has ${outcomes.length} outcomes and was closed ${closed} times`;
    return [{ kind: 'outcomes', says, runs: [run] }];
  });
}

/** A run that says that nothing was changed has changed nothing. */
function changedThoughWithheld({ mutations }: Evidence, runs: Runs): Violation[] {
  return mutations.flatMap(({ operation, target }) => {
    const run = runOf(operation);
    const outcome = runs.get(run)?.outcomes.at(-1)?.outcome ?? '';
    if (!['withheld', 'advised'].includes(outcome)) return [];
    const says = `${run} ended ${outcome}, but it changed ${target}`;
    return [{ kind: 'changed-though-withheld', says, runs: [run] }];
  });
}

function notEnded({ leases, workflows }: Evidence): Violation[] {
  return [
    ...leases.map(({ target, holder }): Violation => {
      return { kind: 'not-ended', says: `${holder} still holds ${target}`, runs: [holder] };
    }),
    ...workflows.map(({ run, status }): Violation => {
      return { kind: 'workflow', says: `workflow ${run} is ${status}`, runs: [run] };
    }),
  ];
}

/** `<run>/<step>` or `<run>/<step>/undo`; a run's id has no slash. */
function runOf(operation: string): string {
  return operation.split('/', 1)[0] ?? '';
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, -1);
}

function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
