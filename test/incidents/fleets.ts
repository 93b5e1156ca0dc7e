/** Fleets of many services for incidents of more than one: their world, their policy, and their file of the fleet. Data only. */
import { policyText, type PolicyChange } from '../support/story/policy.js';
import type { FakeService } from '../support/fake-world/fake-world.js';

export interface TestFleet {
  readonly names: readonly string[];
  readonly services: Readonly<Record<string, FakeService>>;
  /** Of a services.yaml that knows them all. */
  policy(change?: PolicyChange): string;
  /** The services of a fleet.yaml, each in the zone of its place in the list. */
  fleet(zoneOf?: (at: number) => string): string;
}

export function fleetOf(size: number): TestFleet {
  const names = Array.from({ length: size }, (_, at) => `node-${at}`);
  return {
    names,
    services: Object.fromEntries(
      names.map((name) => [name, { host: 'local', process: name, settings: { retries: 5 } }]),
    ),
    policy: (change) =>
      JSON.stringify({
        ...(JSON.parse(policyText(change)) as object),
        services: Object.fromEntries(
          names.map((name) => [name, { tier: 'warning', environment: 'demo' }]),
        ),
      }),
    fleet: (zoneOf = () => 'a') =>
      names.map((name, at) => `${name}: { zone: ${zoneOf(at)} }`).join('\n'),
  };
}
