/**
 * The laws every run must have kept when it is over, as sentences for each one broken. Judges what is left of a case: world,
 * ledger, notices and report; knows neither the faults nor how the engine works.
 */
import { neverBegunSays } from '../../activities/store/never-begun.js';
import type { JsonObject } from '../../workflows/domain/json.js';
import type { PlannedStep, Proposal } from '../../workflows/domain/plan.js';
import type { Report } from '../../workflows/progress.js';
import type { FakeStore, KeptEntry } from '../support/fake-store.js';
import { repeatedEffects } from '../support/fake-world/effects.js';
import type { FakeWorld } from '../support/fake-world/fake-world.js';
import { brokenLaws } from '../support/story/told.js';
import { storyStartMs } from '../support/simulator/simulator.js';
import type { Meddler } from './meddling.js';
import type { Scenario } from './scenario.js';
import { textOf } from './witness.js';

export interface Sent {
  readonly signal: string;
  readonly ordinal: number;
  /** Intents to apply that the ledger held when it was sent. */
  readonly intentsBefore: number;
}

export interface Left {
  readonly scenario: Scenario;
  readonly report: Report;
  readonly world: FakeWorld;
  readonly before: JsonObject;
  readonly store: FakeStore;
  readonly meddler: Meddler;
  /** Messages sent before the run was closed. */
  readonly sent: readonly Sent[];
  /** A worker died with answers that only it knew of: what it answered may have been answered once more. */
  readonly lostTask: boolean;
}

const originalRetries = 5;
const originalTimeoutMs = 800;
/** The intake's: they are taken note of, not answered. */
const unanswered = ['resolved', 'refired'];

/** Everything that is not as it must be. */
export function brokenAtTheEnd(left: Left): string[] {
  const entries = left.store.ledger.filter(({ run }) => run === left.report.run);
  const steps = stepsOf(entries);
  return [
    ...brokenOutcome(left),
    ...brokenLedger(left, entries),
    ...repeatedEffects(left.world.effects).map((effect) => `took effect twice: ${effect}`),
    ...brokenEnding(left, steps),
    ...steps.flatMap((step) => brokenTarget(left, step)),
    ...brokenLeases(left),
    ...brokenPaging(left),
    ...brokenAnswers(left, entries),
  ];
}

function brokenOutcome({ report, store, before, world }: Left): string[] {
  const told = { startMs: storyStartMs, lines: store.lines, reports: [report], before };
  return brokenLaws({ ...told, after: world.snapshot(), effects: [], unannounced: [] });
}

/** Every step that was ever proposed, as it was proposed last. */
function stepsOf(entries: readonly KeptEntry[]): PlannedStep[] {
  const proposals = entries.filter(({ kind }) => kind === 'proposal');
  const steps = proposals.flatMap(({ detail }) => (detail as unknown as Proposal).steps);
  return [...new Map(steps.map((step) => [step.name, step])).values()];
}

/**
 * For each operation that was intended, once or again, a line says what it came to, perhaps a second one what was seen later;
 * nothing is said of what was not intended, and nothing is called never begun that was.
 */
function brokenLedger({ world }: Left, entries: readonly KeptEntry[]): string[] {
  const intended = new Set<string>();
  const open = new Set<string>();
  const broken: string[] = [];
  for (const entry of entries) {
    const operation = textOf(entry, 'operation');
    if (entry.kind === 'intent') {
      intended.add(operation);
      open.add(operation);
    }
    if (entry.kind !== 'effect' && entry.kind !== 'undo') continue;
    open.delete(operation);
    if (!intended.has(operation)) broken.push(`${operation}: came to something without an intent`);
    if (entry.says === neverBegunSays && acted(world, operation))
      broken.push(`${operation}: was begun, and the ledger says it was not`);
  }
  return [...broken, ...[...open].map((operation) => `${operation}: an intent came to nothing`)];
}

function acted({ effects }: FakeWorld, operation: string): boolean {
  return effects.some(({ operationId, part }) => {
    return operation === (part === 'apply' ? operationId : `${operationId}/undo`);
  });
}

interface Standing {
  readonly applied: boolean;
  readonly undone: boolean;
  readonly stands: boolean;
}

function standingOf({ world, report }: Left, step: PlannedStep): Standing {
  const operationId = `${report.run}/${step.name}`;
  const happened = (part: 'apply' | 'undo'): boolean =>
    world.effects.some((effect) => effect.operationId === operationId && effect.part === part);
  const applied = happened('apply');
  const undone = happened('undo');
  return { applied, undone, stands: applied && !undone };
}

/** The outcome's word about the steps is true of the world. */
function brokenEnding(left: Left, steps: readonly PlannedStep[]): string[] {
  const { report, store, scenario } = left;
  const standing = steps.filter((step) => standingOf(left, step).stands);
  const kept = report.reason === 'taken-over' || scenario.runbook.meta.whenNotWell === 'keep';
  const allowed = standing.filter((step) => {
    if (report.outcome === 'resolved') return reported(report, step);
    if (report.outcome === 'stuck') return store.quarantine.has(step.target) || final(step);
    return report.outcome === 'unresolved' && (kept || final(step));
  });
  const untrue = standing.filter((step) => !allowed.includes(step));
  const lost = report.steps.filter(({ name, undone }) => {
    const step = steps.find((planned) => planned.name === name);
    if (step === undefined || report.outcome !== 'resolved' || undone) return false;
    // a restart by somebody else in the very instant of ours looks like ours
    if (left.meddler.processes.has(step.target)) return false;
    return !standingOf(left, step).stands;
  });
  return [
    ...untrue.map(({ name }) => `${report.outcome}, and ${name} stands`),
    ...lost.map(({ name }) => `resolved, and ${name} was never done`),
  ];
}

function reported({ steps }: Report, { name }: PlannedStep): boolean {
  return steps.some((step) => step.name === name && !step.undone);
}

function final({ irreversible }: PlannedStep): boolean {
  return irreversible !== null;
}

/** Each target is as the plan applied once leaves it, or as before, with what others did on top; nothing of theirs is lost. */
function brokenTarget(left: Left, step: PlannedStep): string[] {
  const { world, before, meddler } = left;
  const { target } = step;
  const { applied, stands } = standingOf(left, step);
  if (target.startsWith('process:')) {
    const wanted = meddler.processes.get(target) ?? before[target];
    const is = world.snapshot()[target];
    if (applied || JSON.stringify(is) === JSON.stringify(wanted)) return [];
    return [`${target} is ${JSON.stringify(is)} and nobody did that`];
  }
  const { service = '', value } = step.input as { service?: string; value?: number };
  const is = JSON.parse(world.settings.text(service)) as { retries: number; timeoutMs: number };
  const retries = stands ? value : originalRetries;
  const timeoutMs = meddler.timeouts.get(service) ?? originalTimeoutMs;
  const broken: string[] = [];
  if (is.retries !== retries) broken.push(`${target} is ${is.retries}, not ${String(retries)}`);
  if (is.timeoutMs !== timeoutMs) broken.push(`${target}: what somebody else changed was lost`);
  const moved = meddler.timeouts.has(service);
  if (!moved && world.settings.loaded(service, 'retries') !== is.retries)
    broken.push(`${target}: the service works with something else than its file says`);
  return broken;
}

function brokenLeases({ store, report }: Left): string[] {
  const held = [...store.leases.values()].filter(({ holder }) => holder === report.run);
  const broken = held.map(({ target }) => `the lease on ${target} is still held`);
  if (report.outcome !== 'stuck' && store.quarantine.size > 0)
    broken.push(`${report.outcome}, and something is quarantined`);
  if (report.outcome === 'stuck' && store.quarantine.size === 0)
    broken.push('stuck, and nothing is quarantined');
  return broken;
}

function brokenPaging({ store, report }: Left): string[] {
  const { outcome, run } = report;
  if (outcome !== 'stuck' && outcome !== 'unresolved' && outcome !== 'undone') return [];
  const paged = store.notices.some((notice) => {
    return notice.run === run && notice.urgency === 'page' && notice.title.endsWith(outcome);
  });
  return paged ? [] : [`${outcome}, and nobody was paged`];
}

/** Each message is answered in the ledger, once, or once for each telling; a halt or a takeover is obeyed at the next boundary. */
function brokenAnswers(
  { sent, scenario, lostTask }: Left,
  entries: readonly KeptEntry[],
): string[] {
  const applying = entries.filter((entry) => {
    return entry.kind === 'intent' && !textOf(entry, 'operation').endsWith('/undo');
  });
  return sent.flatMap(({ signal, ordinal, intentsBefore }) => {
    const answers = entries.filter(({ kind, detail }) => {
      const named = detail as { signal?: string; ordinal?: number } | undefined;
      return kind === 'signal' && named?.signal === signal && named.ordinal === ordinal;
    });
    const broken: string[] = [];
    const isAnswered = lostTask ? answers.length > 0 : answers.length === 1;
    if (!isAnswered && !unanswered.includes(signal))
      broken.push(`${signal} ${ordinal} was answered ${answers.length} times`);
    const since = applying.length - intentsBefore;
    if ((signal === 'halt' || signal === 'takeover') && since > scenario.width)
      broken.push(`${since} more steps were begun after ${signal}`);
    return broken;
  });
}
