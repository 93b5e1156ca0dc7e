/** What is not known, or only said, is taken for done: of a step, of an undo, of the whole repair. */
import type { Scenery } from '../incident.js';
import { policyText } from '../../support/story/policy.js';
import { isPaged, retriesOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { adaptersWith, stepsNotVerified, undoNotVerified } from '../weak/adapters.js';
import { blindIsWell } from '../weak/monitors.js';

/** An interface that answers "done" and does nothing. */
function lying(part: 'apply' | 'undo'): Scenery {
  const answer = (asked: { before: unknown; expected: unknown }): Promise<unknown> => {
    return Promise.resolve(part === 'apply' ? asked.expected : asked.before);
  };
  return { instead: { adapters: adaptersWith(() => ({ [part]: answer })) } };
}

export default [
  incident('unknown-taken-for-done', {
    incident: 'Keptn #4147, Argo #521, K8sGPT: an error read as success',
    mechanism: 'the interface says done, nothing was done, and the alert ends by itself',
    guard: 'verification: a step counts once its after-image is seen',
    runbook: lowerBlindly,
    policy: policyText({ configure: 5 }),
    given: (world) => world.storms('shop'),
    scenery: () => lying('apply'),
    script: (s) => {
      s.at(0).fires('RetryStorm');
      s.at('10s').world((world) => world.clears('RetryStorm'));
    },
    answer: { kind: 'outcome', says: /it was done but is not to be seen/, reason: 'step-failed' },
    without: stepsNotVerified,
    harm: (left) => {
      const resolved = left.told.reports.some(({ outcome }) => outcome === 'resolved');
      const wrong = resolved && retriesOf(left) !== 3;
      return wrong ? 'the ledger says retries 3 and resolved; there are 5' : undefined;
    },
  }),
  incident('undo-that-lies', {
    incident: 'SNR #258: it cannot verify, so it assumes',
    mechanism: 'the interface says taken back, and nothing was',
    guard: 'an undo counts once the world looks as before; else stuck, paged and quarantined',
    runbook: lowerBlindly,
    policy: policyText({ configure: 5 }),
    given: (world) => world.storms('shop', { endsAtRetries: -1 }),
    scenery: () => lying('undo'),
    script: (s) => void s.at(0).fires('RetryStorm'),
    answer: { kind: 'outcome', says: /^stuck: setting:shop\/retries/, reason: 'undo-failed' },
    without: undoNotVerified,
    harm: (left) => {
      const free = left.store.quarantine.size === 0 && retriesOf(left) === 3;
      return free ? 'reported as taken back; it stands, and nobody knows' : undefined;
    },
  }),
  incident('blind-monitor', {
    incident: 'Kubernaut #1090: inconclusive passed, 39 times',
    mechanism: 'the monitor is down when the repair is to be confirmed',
    guard: 'unknown is never well: not confirmed, taken back, paged',
    runbook: lowerBlindly,
    policy: policyText({ configure: 5 }),
    given: (world) => {
      world.storms('shop', { endsAtRetries: -1 });
      world.alerts.unreadable('connection refused');
    },
    script: (s) => void s.at(0).fires('RetryStorm'),
    answer: { kind: 'outcome', says: /could not be read: connection/, reason: 'not-confirmed' },
    without: blindIsWell,
    harm: (left) => {
      const silent = left.world.alerts.isFiring('RetryStorm') && !isPaged(left);
      return silent ? 'reported as resolved while the alert fires; nobody was paged' : undefined;
    },
  }),
];
