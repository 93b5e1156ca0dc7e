/** An intake that reads alerts wrongly. For tests only. */
import type { Weakness } from '../incident.js';

/** Each delivery of an alert is taken for a new alert. */
export function repeatsAreNew(): Weakness {
  return {
    name: 'each delivery starts a run of its own',
    reads: (alert, nth) => ({ ...alert, fingerprint: `${alert.fingerprint}-${nth}` }),
  };
}

export function statusNotRead(): Weakness {
  return {
    name: 'an alert is an alert, firing or resolved',
    reads: (alert) => ({ ...alert, status: 'firing', fingerprint: `${alert.fingerprint}-again` }),
  };
}
