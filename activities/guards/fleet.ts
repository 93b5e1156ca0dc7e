/**
 * The shape of policies/fleet.yaml: where a service runs, how many of it there are, and what it depends on.
 * A closed shape. What it does not say of a service is not known, and no share of it is counted. Reads no file.
 */
import { z } from 'zod';

const name = z.string().min(1).max(100);
const count = z.int().min(1).max(100_000);

const member = z.strictObject({
  /** The failure domain it runs in. */
  zone: name.optional(),
  /** Targets there are of it. */
  instances: count.optional(),
  /** So many of them stay untouched and well, always. */
  minHealthy: count.optional(),
  /** Services without which it cannot be well. */
  dependsOn: z.array(name).max(100).default([]),
});

const servicesMax = 10_000;

export const fleetSchema = z
  .strictObject({ version: z.literal(1), services: z.record(name, member).default({}) })
  .superRefine(({ services }, context) => {
    const names = Object.keys(services);
    const add = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path: ['services', ...path], message });
    if (names.length > servicesMax) add([], `more than ${servicesMax} services`);
    for (const [service, { instances, minHealthy, dependsOn }] of Object.entries(services)) {
      if (minHealthy !== undefined && (instances === undefined || minHealthy > instances))
        add([service, 'minHealthy'], `minHealthy needs instances, at least ${minHealthy} of them`);
      const stranger = dependsOn.find((below) => !Object.hasOwn(services, below));
      if (stranger !== undefined)
        add([service, 'dependsOn'], `there is no service ${stranger} here; write it down first`);
      if (dependenciesOf(services, service).includes(service))
        add([service, 'dependsOn'], `${service} depends on itself in the end: break the circle`);
    }
  });

/** The file as it is used. */
export type Fleet = z.output<typeof fleetSchema>;
type Members = Fleet['services'];

/** What holds where there is no file: nothing is known of any service. */
export const unknownFleet: Fleet = { version: 1, services: {} };

/** Where a service stands in its fleet, and what it stands on. */
export interface Place {
  readonly zone: string | null;
  readonly instances: number | null;
  readonly minHealthy: number | null;
  /** Directly or by way of others. */
  readonly dependencies: readonly string[];
  /** In the zone, and in the fleet: services, and their instances. */
  readonly zoneSize: Size;
  readonly fleetSize: Size;
}

export interface Size {
  readonly services: ReadonlySet<string>;
  readonly instances: number;
}

const places = new WeakMap<Fleet, Map<string, Place>>();

/** Total: a service the fleet does not name has no zone, no size and depends on nothing. Worked out once for each fleet. */
export function placeOf(fleet: Fleet, service: string): Place {
  const kept = places.get(fleet) ?? new Map<string, Place>();
  places.set(fleet, kept);
  const place = kept.get(service) ?? findPlace(fleet, service);
  if (Object.hasOwn(fleet.services, service)) kept.set(service, place);
  return place;
}

function findPlace({ services }: Fleet, service: string): Place {
  const own = Object.hasOwn(services, service) ? services[service] : undefined;
  const zone = own?.zone ?? null;
  return {
    zone,
    instances: own?.instances ?? null,
    minHealthy: own?.minHealthy ?? null,
    dependencies: dependenciesOf(services, service),
    zoneSize: sizeOf(services, (other) => zone !== null && other.zone === zone),
    fleetSize: sizeOf(services, () => own !== undefined),
  };
}

function sizeOf(services: Members, counts: (member: Members[string]) => boolean): Size {
  const members = Object.entries(services).filter(([, member]) => counts(member));
  const instances = members.reduce((sum, [, member]) => sum + (member.instances ?? 1), 0);
  return { services: new Set(members.map(([service]) => service)), instances };
}

function dependenciesOf(services: Members, service: string): string[] {
  const found = new Set<string>();
  const open = [service];
  for (let at = 0; at < open.length; at += 1) {
    const current = open[at] ?? '';
    const below = Object.hasOwn(services, current) ? services[current]?.dependsOn : undefined;
    for (const next of below ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return [...found];
}
