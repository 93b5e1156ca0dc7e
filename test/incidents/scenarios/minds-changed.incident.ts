/** Between the question and the answer somebody who may say no said it, or the yes was not theirs to give. */
import { policyText } from '../../support/story/policy.js';
import { changesOf } from '../aftermath.js';
import { incident, type Harm } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';
import { requesterForgotten } from '../weak/people.js';

const acted =
  (why: string): Harm =>
  (left) => {
    const done = changesOf(left);
    return done === undefined ? undefined : `${done}; ${why}`;
  };

export default [
  incident('stopped-before-the-answer', {
    incident:
      'Knight Capital, August 2012: no stop that held, 45 min; K8sGPT: stopped, yet it went on',
    mechanism: 'the engine is stopped while people are asked, and one of them says yes',
    guard: 'stopped: asked again at admission, right before the first effect',
    runbook: lowerBlindly,
    given: (world) => world.storms('shop'),
    script: (s) => {
      s.at(0).fires('RetryStorm');
      s.at('1m').stops('everything', 'eve', 'all hands off');
      s.at('2m').approves('ana');
    },
    answer: {
      kind: 'decision',
      says: /stopped gate said no: eve stopped everything/,
      reason: 'stopped',
    },
    without: () => gateNotAsked('stopped'),
    harm: acted('eve had stopped the engine'),
  }),
  incident('policy-tightened-meanwhile', {
    incident: 'Rundeck #6445: ran under terms that were no longer in force',
    mechanism: 'policy asks for two people now, and one answers to the old question',
    guard:
      'policy: what was agreed to must still be enough at admission, or people are asked again',
    runbook: lowerBlindly,
    given: (world) => world.storms('shop'),
    script: (s) => {
      s.at(0).fires('RetryStorm');
      s.at('1m').policyBecomes({ approvalsMin: 2 });
      s.at('2m').approves('ana');
    },
    answer: {
      kind: 'decision',
      says: /policy gate said no: policy changed: it now asks for level 3, approvals needed: 2/,
      reason: 'policy-forbids',
    },
    without: () => gateNotAsked('policy'),
    harm: acted('one person had agreed, policy asked for two'),
  }),
  incident('requester-approves', {
    incident: 'Windmill PR #7886, #10262: the ban on approving oneself was passed by',
    mechanism: 'two must agree, and one of them is who asked for the run',
    guard: 'approval: the requester does not count where two must agree',
    runbook: lowerBlindly,
    policy: policyText({ approvalsMin: 2 }),
    given: (world) => world.storms('shop'),
    script: (s) => {
      s.at(0).fires('RetryStorm', { by: 'ana' });
      s.at('1m').approves('ana');
      s.at('2m').approves('ben');
    },
    answer: { kind: 'outcome', says: /nobody answered in time/, reason: 'unanswered' },
    without: requesterForgotten,
    harm: acted('ana had asked for it and approved it'),
  }),
];
