/** How much of a service, a zone and the fleet is held, beside how much may be: the numbers of the blast radius. Pure. */
import type { Radius } from '../../../workflows/gates/guard-facts.js';
import type { RadiusRule } from '../../guards/rules.js';
import type { GuardReading, Held } from './reading.js';
import { fleetScope, type Wanted } from './wanted.js';

const nothing: Held = { runs: 0, targets: 0 };

/** Every limit there is on what this run would touch. */
export function radiiFacts(wanted: Wanted, reading: GuardReading): Radius[] {
  const { blastRadius } = wanted.terms.rules;
  if (blastRadius === null) return [];
  const { place } = wanted.terms;
  const size = place.fleetSize.instances;
  const asked = [
    {
      scope: `service:${wanted.service}`,
      rule: blastRadius.service,
      size: place.instances,
    },
    {
      scope: `zone:${place.zone ?? ''}`,
      rule: blastRadius.zone,
      size: place.zoneSize.instances,
    },
    { scope: fleetScope, rule: blastRadius.fleet, size: size === 0 ? null : size },
  ].filter(({ scope }) => wanted.radii.includes(scope));
  return [
    ...asked.flatMap((one) =>
      limitsOf({ ...one, held: reading.held[one.scope] ?? nothing }, wanted),
    ),
    ...minHealthyOf(wanted, reading),
    ...zonesOf(wanted, reading),
  ];
}

interface Scope {
  readonly scope: string;
  readonly rule: RadiusRule;
  readonly size: number | null;
  readonly held: Held;
}

function limitsOf({ scope, rule, size, held }: Scope, { targets }: Wanted): Radius[] {
  const named = scope === fleetScope ? 'the fleet' : scope.replace(':', ' ');
  const own = { scope: named, adds: targets.length, held: held.targets, unit: 'targets' } as const;
  const { runs, targets: targetsMax, share } = rule;
  return [
    ...(runs === undefined
      ? []
      : [
          {
            scope: named,
            unit: 'runs',
            held: held.runs,
            adds: 1,
            max: runs,
            says: 'runs',
          } as const,
        ]),
    ...(targetsMax === undefined ? [] : [{ ...own, max: targetsMax, says: 'targets' }]),
    ...(share === undefined || size === null
      ? []
      : [{ ...own, max: shareOf(share, size), says: `${share * 100}% of ${size} instances` }]),
  ];
}

/** One at least: a share that permits nothing would be a stop, which is another word. */
function shareOf(share: number, size: number): number {
  return Math.max(1, Math.floor(share * size));
}

/** What is touched counts as down for as long as it is, whatever it was before. */
function minHealthyOf(wanted: Wanted, reading: GuardReading): Radius[] {
  const { instances, minHealthy } = wanted.terms.place;
  if (minHealthy === null || instances === null) return [];
  const held = (reading.held[`service:${wanted.service}`] ?? nothing).targets + reading.unhealthy;
  return [
    {
      scope: `service ${wanted.service}`,
      unit: 'unhealthy instances',
      held,
      adds: wanted.targets.length,
      max: instances - minHealthy,
      says: `${minHealthy} of ${instances} stay healthy`,
    },
  ];
}

function zonesOf({ terms, radii, zone }: Wanted, { otherZones }: GuardReading): Radius[] {
  const max = terms.rules.blastRadius?.zonesAtOnce;
  if (max === undefined || zone === null || !radii.includes(fleetScope)) return [];
  const says = 'zones that are worked on at once';
  return [{ scope: 'the fleet', unit: 'zones', held: otherZones, adds: 1, max, says }];
}
