/** What the fake monitors say: scripted alerts, queries and probes. They watch the world and never change it. */
import type { Health } from '../../../workflows/actions/action.js';
import type { Measured } from '../../../workflows/actions/monitor.js';
import { Failure } from '../../../workflows/domain/failure.js';
import type { Alert } from '../../../workflows/domain/alert.js';

/** A condition that is looked at each time it is asked for. */
export type Condition = () => boolean;

const always: Condition = () => true;

export class FakeMonitors {
  private readonly conditions = new Map<string, Condition>();
  private readonly samples = new Map<string, () => number | undefined>();
  private readonly probes = new Map<string, Condition>();
  private unreadableBecause: string | undefined;
  private sampledAgoMs = 0;

  constructor(private readonly now: () => number) {}

  /** The alert of this name fires from now on, for as long as the condition holds or until `clears`. */
  firing(name: string, condition: Condition = always): void {
    this.conditions.set(name, condition);
  }

  clears(name: string): void {
    this.conditions.delete(name);
  }

  isFiring(name: string): boolean {
    return this.conditions.get(name)?.() ?? false;
  }

  /** No monitor can be read until `readable`; checks are then not well. */
  unreadable(because: string): void {
    this.unreadableBecause = because;
  }

  readable(): void {
    this.unreadableBecause = undefined;
  }

  /** What this query, or with `'*'` every query not named, is answered; undefined is no sample. */
  answers(query: string, sample: () => number | undefined): void {
    this.samples.set(query, sample);
  }

  /** When the probe of a service answers. */
  probing(service: string, condition: Condition): void {
    this.probes.set(service, condition);
  }

  alertCleared({ alert }: { alert: Alert }): Health {
    if (this.unreadableBecause !== undefined) return this.unread();
    const fires = this.isFiring(alert.name);
    return { well: !fires, seen: `${alert.name} ${fires ? 'still fires' : 'does not fire'}` };
  }

  probe({ service }: { service: string }): Health {
    const well = this.probes.get(service)?.() ?? false;
    return { well, seen: `the probe of ${service} ${well ? 'answers' : 'does not answer'}` };
  }

  queryBelow(asked: { query: string; limit: number }): Health & { observedAtMs?: number } {
    const { query, limit } = asked;
    if (this.unreadableBecause !== undefined) return this.unread();
    const sample = (this.samples.get(query) ?? this.samples.get('*'))?.();
    if (sample === undefined) return { well: false, seen: 'no sample' };
    const observedAtMs = this.now() - this.sampledAgoMs;
    return { well: sample < limit, seen: `${sample}, wanted below ${limit}`, observedAtMs };
  }

  /** Numbers asked for from now on were sampled so long ago. */
  sampledAgo(ms: number): void {
    this.sampledAgoMs = ms;
  }

  measure({ query }: { query: string }): Measured {
    const value = (this.samples.get(query) ?? this.samples.get('*'))?.();
    if (value === undefined) throw new Failure('failed', `${query} gives 0 samples: one is needed`);
    return { value, observedAtMs: this.now() - this.sampledAgoMs };
  }

  private unread(): Health {
    return { well: false, seen: `could not be read: ${this.unreadableBecause ?? ''}` };
  }
}
