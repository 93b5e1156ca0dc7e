/** What the guards count, in memory: the same numbers as activities/store/guards/counting.ts reads from the tables. */
import { changedStorms } from '../../activities/store/guards/guard-facts.js';
import type { GuardReading, Held, StormStand } from '../../activities/store/guards/reading.js';
import {
  circuitKey,
  type AdmittedStep,
  type Wanted,
} from '../../activities/store/guards/wanted.js';
import { settlesWithinMs, sickForMs } from '../../activities/store/guards/counting.js';
import { hours } from '../../workflows/domain/time.js';
import type { Lease, Quarantine } from '../../workflows/gates/gate.js';
import type { Attempt, SickDependency } from '../../workflows/gates/guard-facts.js';
import type { JudgeInput } from '../../workflows/store.js';
import type { KeptEntry } from './fake-book.js';

export interface FakeLease extends Lease {
  readonly service: string;
  readonly zone: string | null;
}

interface Kept {
  now(): number;
  readonly ledger: readonly KeptEntry[];
  readonly leases: ReadonlyMap<string, FakeLease>;
  readonly quarantine: ReadonlyMap<string, Quarantine>;
}

interface KeptStep extends AdmittedStep {
  readonly atMs: number;
}

/** How a run stands, by its ledger lines. */
interface Stand {
  readonly run: string;
  readonly service: string;
  readonly openedAtMs: number;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly isClosed: boolean;
  readonly changedAtMs: number;
}

export class FakeCounts {
  private readonly steps = new Map<string, KeptStep>();
  private readonly storms = new Map<string, StormStand>();
  private wanted: Wanted | undefined;

  constructor(private readonly kept: Kept) {}

  lease(target: string, { run, alert }: JudgeInput): FakeLease {
    return { target, holder: run, service: alert.service, zone: this.wanted?.zone ?? null };
  }

  /** What was read last was let in: the store in memory does one thing at a time. */
  admitted({ run }: JudgeInput): void {
    for (const step of this.wanted?.steps ?? []) {
      const key = `${run}\n${step.step}`;
      if (!this.steps.has(key)) this.steps.set(key, { ...step, atMs: this.kept.now() });
    }
  }

  reading(wanted: Wanted): GuardReading {
    this.wanted = wanted;
    const reading = this.count(wanted);
    for (const stand of changedStorms(wanted, reading)) this.storms.set(stand.scope, stand);
    return reading;
  }

  private count(wanted: Wanted): GuardReading {
    const { terms, run, service, zone } = wanted;
    const { rules } = terms;
    const others = [...this.kept.leases.values()].filter(({ holder }) => holder !== run);
    const recoveries = this.within(rules.recurring?.within ?? 0).filter(
      (step) => step.service === service && step.run !== run,
    );
    return {
      atMs: this.kept.now(),
      recoveries: new Set(recoveries.map((step) => step.run)).size,
      held: Object.fromEntries(wanted.radii.map((scope) => [scope, this.heldOf(scope, wanted)])),
      otherZones: new Set(
        others.flatMap((lease) => (lease.zone === null || lease.zone === zone ? [] : lease.zone)),
      ).size,
      unhealthy: this.unhealthyOf(wanted),
      risk: this.beside(wanted, rules.risk?.within ?? 0).reduce((sum, { risk }) => sum + risk, 0),
      rates: this.ratesOf(wanted),
      circuits: this.circuitsOf(wanted),
      sick: wanted.storms.length === 0 ? [] : [...new Set(this.sick().map((one) => one.service))],
      storms: wanted.storms.flatMap((scope) => this.stormOf(scope, run)),
      sickBelow: this.sickBelow(wanted),
    };
  }

  private within(durationMs: number): KeptStep[] {
    const sinceMs = this.kept.now() - durationMs;
    return [...this.steps.values()].filter(({ atMs }) => atMs > sinceMs);
  }

  private beside({ run, steps }: Wanted, durationMs: number): KeptStep[] {
    const own = (kept: KeptStep): boolean =>
      kept.run === run && steps.some(({ step }) => step === kept.step);
    return this.within(durationMs).filter((kept) => !own(kept));
  }

  private ratesOf(wanted: Wanted): Record<string, number> {
    const rules = Object.entries(wanted.terms.rules.rate);
    return Object.fromEntries(
      rules.map(([actionClass, { within }]) => {
        const found = this.beside(wanted, within);
        return [actionClass, found.filter((step) => step.action_class === actionClass).length];
      }),
    );
  }

  private heldOf(scope: string, { run, targets }: Wanted): Held {
    const inside = [...this.kept.leases.values()].filter(
      (lease) =>
        scope === 'fleet' ||
        scope === `service:${lease.service}` ||
        scope === `zone:${lease.zone ?? ''}`,
    );
    const others = inside.filter(({ holder }) => holder !== run);
    return {
      runs: new Set(others.map(({ holder }) => holder)).size,
      targets: inside.filter(({ holder, target }) => holder !== run || !targets.includes(target))
        .length,
    };
  }

  private unhealthyOf({ service, run, terms }: Wanted): number {
    if (terms.place.minHealthy === null) return 0;
    const stands = this.stands();
    const own = stands.find((stand) => stand.run === run);
    const holders = new Set([...this.kept.leases.values()].map(({ holder }) => holder));
    const earlier = stands.filter(
      (stand) =>
        stand.service === service &&
        stand.run !== run &&
        isOpen(stand) &&
        !holders.has(stand.run) &&
        isBefore(stand, { run, openedAtMs: own?.openedAtMs ?? Infinity }),
    );
    const marks = [...this.kept.quarantine.values()].filter((mark) =>
      stands.some((stand) => stand.run === mark.run && stand.service === service),
    );
    return earlier.length + marks.length;
  }

  private circuitsOf({ circuits, run }: Wanted): Record<string, Attempt[]> {
    const stands = new Map(this.stands().map((stand) => [stand.run, stand]));
    const found = circuits.map(({ action, target }): [string, Attempt[]] => {
      const tried = new Map<string, number>();
      for (const step of this.within(hours(24))) {
        const fits = step.action === action && (target === null || step.target === target);
        if (fits && step.run !== run) tried.set(step.run, step.atMs);
      }
      const attempts = [...tried]
        .toSorted((a, b) => b[1] - a[1])
        .flatMap(([other, atMs]) => this.attemptOf(other, atMs, stands.get(other)));
      return [circuitKey(action, target), attempts];
    });
    return Object.fromEntries(found);
  }

  private attemptOf(run: string, atMs: number, stand: Stand | undefined): Attempt[] {
    const outcome = stand?.outcome ?? null;
    if (stand === undefined || outcome === null) {
      const holds = [...this.kept.leases.values()].some(({ holder }) => holder === run);
      const pending = holds || atMs > this.kept.now() - hours(1);
      return [{ run, came: pending ? 'pending' : 'bad', atMs }];
    }
    if (outcome === 'withheld' && stand.reason !== 'step-failed') return [];
    const came = outcome === 'resolved' ? 'well' : 'bad';
    return [{ run, came, atMs: stand.changedAtMs }];
  }

  private sick(): Stand[] {
    const sinceMs = this.kept.now() - sickForMs;
    return this.stands().filter((stand) => {
      if (isOpen(stand)) return true;
      const healed = ['resolved-meanwhile', 'nothing-to-do'].includes(stand.reason ?? '');
      const inVain = stand.outcome !== null && stand.outcome !== 'resolved' && !healed;
      return stand.isClosed && inVain && stand.changedAtMs > sinceMs;
    });
  }

  private sickBelow({ dependencies, run }: Wanted): SickDependency[] {
    const sinceMs = this.kept.now() - settlesWithinMs;
    const settling = this.stands().filter((stand) => {
      return stand.outcome === 'resolved' && !stand.isClosed && stand.changedAtMs > sinceMs;
    });
    const sick = [...this.sick(), ...settling].toSorted((a, b) => b.openedAtMs - a.openedAtMs);
    return dependencies.toSorted().flatMap((service) => {
      const stand = sick.find((one) => one.service === service && one.run !== run);
      return stand === undefined ? [] : [{ service, run: stand.run }];
    });
  }

  private stormOf(scope: string, run: string): StormStand[] {
    const stand = this.storms.get(scope);
    if (stand === undefined) return [];
    const inside = [...this.steps.values()].filter(
      (step) =>
        step.atMs >= stand.sinceMs &&
        step.run !== run &&
        (scope === 'fleet' || scope === `zone:${step.zone ?? ''}`),
    );
    const admitted = stand.state === 'ending' ? new Set(inside.map((step) => step.run)).size : 0;
    return [{ ...stand, admitted }];
  }

  private stands(): Stand[] {
    const stands = new Map<string, Stand>();
    for (const line of this.kept.ledger) {
      const { run, service, kind, atMs } = line;
      const last = stands.get(run);
      const isOutcome = kind === 'outcome';
      stands.set(run, {
        run,
        service,
        openedAtMs: last?.openedAtMs ?? atMs,
        outcome: isOutcome ? (line.outcome ?? null) : (last?.outcome ?? null),
        reason: isOutcome ? (line.reason ?? null) : (last?.reason ?? null),
        isClosed: kind === 'closed' || last?.isClosed === true,
        changedAtMs: atMs,
      });
    }
    return [...stands.values()];
  }
}

function isOpen({ outcome, isClosed }: Stand): boolean {
  return outcome === null && !isClosed;
}

function isBefore(
  one: Pick<Stand, 'run' | 'openedAtMs'>,
  other: Pick<Stand, 'run' | 'openedAtMs'>,
): boolean {
  return one.openedAtMs === other.openedAtMs
    ? one.run < other.run
    : one.openedAtMs < other.openedAtMs;
}
