/**
 * What the unwind harness needs of each runbook: an alert that makes it act, and a world in which it helps, or does not.
 * A runbook of the catalogue that is missing here fails the harness.
 */
import type { FakeService, FakeWorld } from '../support/fake-world/fake-world.js';
import { lowerThree } from '../support/story/runbooks.js';
import { shopCartAndMail } from '../support/story/services.js';
import type { Runbook } from '../../workflows/runbook.js';

export interface Harness {
  readonly alertname: string;
  readonly services?: Readonly<Record<string, FakeService>>;
  /** The runbook acts, and it helps. */
  readonly helps: (world: FakeWorld) => void;
  /** The runbook acts, and its confirmation never comes. */
  readonly helpsNot: (world: FakeWorld) => void;
}

/** By the runbook's name. */
export const harness: Readonly<Record<string, Harness>> = {
  'restart-service': {
    alertname: 'ServiceDown',
    helps: (world) => world.dies('shop'),
    helpsNot: (world) => {
      world.dies('shop');
      world.alerts.probing('shop', () => false);
    },
  },
  'tune-retries': {
    alertname: 'RetryStorm',
    helps: (world) => world.storms('shop'),
    helpsNot: (world) => world.storms('shop', { endsAtRetries: -1 }),
  },
  'lower-three': {
    alertname: 'RetryStorm',
    services: shopCartAndMail,
    helps: (world) => world.storms('shop'),
    helpsNot: (world) => world.storms('shop', { endsAtRetries: -1 }),
  },
};

/** Runbooks that only the harness has: more steps than the catalogue's. */
export const harnessRunbooks: readonly Runbook[] = [lowerThree];
