/** The alert is about what Belay stands on: by the service's name, or by the process behind a harmless one. */
import { policyText } from '../../support/story/policy.js';
import { strangers } from '../../support/story/services.js';
import { restartsOf } from '../aftermath.js';
import { incident, type Incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';

const queue = { host: 'local', process: 'belay-queue', settings: { retries: 5 } };

function about(name: string, service: string, part: RegExp): Incident {
  return incident(name, {
    incident: 'Cloudflare R2, February 2025: a remediation switched off the product under itself',
    mechanism: `the alert is about ${service}, which is a part of Belay`,
    guard: 'self: patterns of Belay’s own parts, by service and by target',
    runbook: restartBlindly,
    policy: policyText({ restart: 5 }),
    services: { ...strangers, mail: queue },
    given: (world) => world.dies(service),
    script: (s) => void s.at(0).fires('ServiceDown', { service }),
    answer: { kind: 'decision', says: part, reason: 'own-part' },
    without: () => gateNotAsked('self'),
    harm: (left) => {
      return restartsOf(left, service) > 0 ? 'restarted a part of the engine itself' : undefined;
    },
  });
}

export default [
  about('self-dependency-by-service', 'belay-console', /belay-console is a part of Belay/),
  about('self-dependency-by-target', 'mail', /process:local\/belay-queue is a part of Belay/),
];
