/**
 * What the ledger lines of one run say about the classes of action in it. Pure: the same lines give the same facts, and more
 * lines never take a fact away, so that counting line by line and counting the whole ledger come to the same.
 */
import type { EntryKind, Tier } from '../../../workflows/domain/entry.js';
import type { OutcomeKind } from '../../../workflows/domain/outcome.js';
import type { Reason } from '../../../workflows/domain/reason.js';
import { reasonsOfGuards, reasonsOfPeople, type FactKind } from './fact.js';

/** A line, as far as trust looks at it. */
export interface TrustLine {
  readonly id: string;
  readonly kind: EntryKind;
  readonly tier: Tier | null;
  readonly outcome: OutcomeKind | null;
  readonly reason: Reason | null;
  /** Of the effect that an intent announces; null for an undo's. */
  readonly begins: string | null;
  /** Classes of the steps of a proposal. */
  readonly proposes: readonly string[];
  /** The message, when it counted. */
  readonly heeded: string | null;
  /** What a person noted: the same as was proposed, or otherwise. */
  readonly did: 'same' | 'other' | null;
}

export interface ShownFact {
  readonly actionClass: string;
  readonly fact: FactKind;
  readonly tier: Tier;
  /** Id of the line that showed it first. */
  readonly entry: string;
}

/** Lines after which a run's facts are counted: what comes after the last of them waits for the next. */
export const countingKinds: readonly EntryKind[] = ['signal', 'outcome', 'closed', 'trust'];

/** In the order of the ledger. A run whose tier nobody knows was never let in by policy: it shows nothing. */
export function factsOf(lines: readonly TrustLine[]): ShownFact[] {
  const last = lines.findLastIndex(counts);
  const told = lines.slice(0, last + 1);
  const tier = told.find((line) => line.tier !== null)?.tier ?? null;
  if (tier === null) return [];
  const reading = new Reading();
  const shown = new Map<string, ShownFact>();
  for (const line of told) {
    for (const [actionClass, fact] of reading.next(line)) {
      const key = `${fact} ${actionClass}`;
      if (!shown.has(key)) shown.set(key, { actionClass, fact, tier, entry: line.id });
    }
  }
  return [...shown.values()];
}

/** True for a line after which its run's facts are counted. */
export function counts({ kind, heeded, did }: TrustLine): boolean {
  if (kind === 'signal') return heeded !== null;
  return kind === 'trust' ? did !== null : countingKinds.includes(kind);
}

type Shown = readonly [actionClass: string, fact: FactKind][];

/** What the lines so far have said of the run. */
class Reading {
  private proposed: readonly string[] = [];
  private readonly begun = new Set<string>();
  private recurred = false;

  next(line: TrustLine): Shown {
    switch (line.kind) {
      case 'proposal':
        if (line.proposes.length > 0) this.proposed = line.proposes;
        return each(line.proposes, 'proposed');
      case 'intent':
        if (line.begins === null) return [];
        this.begun.add(line.begins);
        return each([line.begins], 'acted');
      case 'signal':
        return this.heeded(line.heeded);
      case 'trust':
        if (line.did === null) return [];
        return each(this.proposed, line.did === 'same' ? 'agreed' : 'disagreed');
      case 'outcome':
        return kindsOf(line).flatMap((fact) => each(this.begun, fact));
      case 'closed':
        return line.outcome === 'resolved' && !this.recurred ? each(this.begun, 'held') : [];
      default:
        return [];
    }
  }

  private heeded(message: string | null): Shown {
    if (message === 'refired') {
      this.recurred = true;
      return each(this.begun, 'recurred');
    }
    const verdict = message === null ? undefined : saidBy[message];
    return verdict === undefined ? [] : each(this.proposed, verdict);
  }
}

const saidBy: Readonly<Record<string, FactKind>> = {
  trigger: 'agreed',
  approve: 'agreed',
  reject: 'disagreed',
  modify: 'disagreed',
  veto: 'disagreed',
  halt: 'disagreed',
  undo: 'disagreed',
  takeover: 'disagreed',
};

function kindsOf({ outcome, reason }: TrustLine): FactKind[] {
  if (outcome === 'resolved') return ['resolved'];
  if (outcome !== 'undone' && outcome !== 'unresolved' && outcome !== 'stuck') return [];
  if (outcome === 'stuck') return ['stuck'];
  if (reason !== null && reasonsOfGuards.includes(reason)) return ['withdrawn'];
  return [outcome, ...causesOf(reason)];
}

function causesOf(reason: Reason | null): FactKind[] {
  if (reason === 'not-confirmed') return ['not-confirmed'];
  if (reason === 'step-failed') return ['failed'];
  return reason !== null && reasonsOfPeople.includes(reason) ? ['reversed'] : [];
}

function each(classes: Iterable<string>, fact: FactKind): [string, FactKind][] {
  return [...new Set(classes)].map((actionClass) => [actionClass, fact]);
}
