/** A policy file with a blank field reaches every worker at once. */
import { messageOf } from '../../../workflows/domain/failure.js';
import { parsePolicy } from '../../../activities/policy/parse.js';
import type { FakeStore } from '../../support/fake-store.js';
import { policyText } from '../../support/story/policy.js';
import { changesOf } from '../aftermath.js';
import { incident, type Harm } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { unreadIsNone } from '../weak/gates.js';

const googleCloud = 'Google Cloud, June 2025: blank fields in a policy, in every region at once';
const blank = policyText({ configure: 3 }).replace('"warning":3', '"warning":');

/** As the worker's policy source does it when it has no good set: read by the real parser, and no answer from it. */
function load(store: FakeStore, text: string): void {
  try {
    store.changePolicy(parsePolicy(text, 'services.yaml'));
  } catch (thrown) {
    store.unreadable('policy', messageOf(thrown));
  }
}

const actedAlone: Harm = (left) => {
  const done = changesOf(left);
  return done === undefined ? undefined : `${done}, with nothing to permit it`;
};

export default [
  incident('corrupt-policy-everywhere', {
    incident: googleCloud,
    mechanism: 'the policy file is broken when the alert comes',
    guard: 'policy is read by its schema; without one that can be used the answer is no',
    runbook: lowerBlindly,
    given: (world) => world.storms('shop'),
    script: (s) => {
      s.at(0).store((store) => load(store, blank));
      s.at('1m').fires('RetryStorm');
    },
    answer: { kind: 'decision', says: /services.yaml:1:\d+: /, reason: 'unreadable' },
    without: unreadIsNone,
    harm: actedAlone,
  }),
  incident('policy-corrupted-before-the-answer', {
    incident: googleCloud,
    mechanism: 'the policy file breaks between the question and the answer',
    guard: 'policy is asked again at admission, right before the first effect',
    runbook: lowerBlindly,
    given: (world) => world.storms('shop'),
    script: (s) => {
      s.at(0).fires('RetryStorm');
      s.at('1m').store((store) => load(store, blank));
      s.at('2m').approves('ana');
    },
    answer: { kind: 'decision', says: /gate said no: .*services.yaml:1:/, reason: 'unreadable' },
    without: unreadIsNone,
    harm: actedAlone,
  }),
];
