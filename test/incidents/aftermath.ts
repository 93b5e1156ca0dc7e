/** What harms are told by: how often something was done, what stands, and who was paged. Looks only. */
import type { Aftermath } from './incident.js';

/** How often the process of this service was restarted by Belay. */
export function restartsOf({ world }: Aftermath, service: string): number {
  const { process } = world.refOf(service);
  return world.effects.filter(({ what }) => what.startsWith(`restarted ${process} on`)).length;
}

/** Everything Belay changed, in words; undefined when it changed nothing. */
export function changesOf({ world }: Aftermath): string | undefined {
  const done = world.effects.map(({ what }) => what);
  return done.length === 0 ? undefined : done.join('; ');
}

export function retriesOf({ world }: Aftermath, service = 'shop'): number | undefined {
  return world.settings.loaded(service, 'retries');
}

export function isPaged({ store }: Aftermath): boolean {
  return store.notices.some(({ urgency }) => urgency === 'page');
}

/** The outcomes of the runs, in the order they began: `withheld (stale)`. */
export function endsOf({ told }: Aftermath): string {
  const ends = told.reports.map(({ outcome, reason }) => {
    return reason === null ? outcome : `${outcome} (${reason})`;
  });
  const counted = [...new Set(ends)].map((end) => {
    const times = ends.filter((other) => other === end).length;
    return times === 1 ? end : `${times} x ${end}`;
  });
  return counted.length === 0 ? 'no run' : counted.join(', ');
}

/** The most runs that were at work at once, each from its first intent to its outcome. */
export function mostAtOnce({ store }: Aftermath): number {
  const began = new Map<string, number>();
  const ended = new Map<string, number>();
  for (const { run, kind, atMs } of store.ledger) {
    if (kind === 'intent' && !began.has(run)) began.set(run, atMs);
    if (kind === 'outcome' && !ended.has(run)) ended.set(run, atMs);
  }
  const counts = [...began].map(([run, atMs]) => {
    const others = [...began].filter(([other, otherMs]) => {
      return other !== run && otherMs <= atMs && (ended.get(other) ?? Infinity) > atMs;
    });
    return 1 + others.length;
  });
  return Math.max(0, ...counts);
}

/** Services of these whose process was restarted by Belay. */
export function restartedOf(left: Aftermath, services: readonly string[]): string[] {
  return services.filter((service) => restartsOf(left, service) > 0);
}
