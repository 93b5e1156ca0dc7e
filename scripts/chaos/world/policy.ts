/** The policy file of the fleet: most services are repaired without asking, a few wait for a person who never comes. */
import { fleetSize, serviceName } from './fleet.js';

/** One in so many is critical: level 3, where nobody answers within seconds. */
const criticalEvery = 33;
export const environment = 'chaos';

/** The storm is the point: the same services fall over again and again, and most repairs are sabotaged on purpose. */
export const guardsText = 'version: 1\nrecurring: off\nbreaker: off\n';

export function policyText(): string {
  const lines = Array.from({ length: fleetSize }, (_, index) => {
    const tier = index % criticalEvery === 1 ? 'critical' : 'warning';
    return `  ${serviceName(index)}: { tier: ${tier}, environment: ${environment} }`;
  });
  return `version: 1
self: [belay*, 'process:*/belay*', temporal*, 'process:*/temporal*']
levels:
  restart: { info: 4, warning: 4, critical: 3 }
  configure: { info: 4, warning: 4, critical: 3 }
overseers: [console]
chains:
  default:
    - { notify: on-call, wait: 10s }
services:
${lines.join('\n')}
`;
}
