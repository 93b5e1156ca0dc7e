/** The probe is broken, not what it probes: six of ten services, all of them healthy, raise the same alert at once. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import type { FakeService } from '../../support/fake-world/fake-world.js';
import { story } from '../../support/story/story.js';
import { restartsOf } from '../aftermath.js';
import type { Harm } from '../incident.js';

const names = Array.from({ length: 10 }, (_, index) => `node-${index}`);
const sick = names.slice(0, 6);
const services = Object.fromEntries(
  names.map((name): [string, FakeService] => [
    name,
    { host: 'local', process: name, settings: {} },
  ]),
);
const entries = Object.fromEntries(
  names.map((name) => [name, { tier: 'warning', environment: 'demo' }]),
);

const harm: Harm = (left) => {
  const hit = sick.filter((service) => restartsOf(left, service) > 0);
  return hit.length > 2 ? `restarted ${hit.length} of 10 healthy services at once` : undefined;
};

export const everyoneLooksSick = {
  harm,
  story: story('everyone-looks-sick', {
    says: 'restarts six of ten healthy services because their probe is broken',
    runbook: restartService,
    policy: JSON.stringify({ ...(JSON.parse(policyText()) as object), services: entries }),
    services,
    given: (world) => {
      for (const service of sick) world.alerts.probing(service, () => false);
    },
    script: (s) => {
      for (const service of sick) s.at(0).fires('ServiceDown', { service });
    },
  }),
};
