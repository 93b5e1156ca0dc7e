/** A yes was given to what was on the screen; meanwhile somebody changed the plan. */
import { changesOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { anyYesCounts } from '../weak/people.js';

export default incident('approval-for-an-old-plan', {
  incident: 'approvals that bind no content: StackStorm, AWS Systems Manager, Windmill #10311',
  mechanism: 'the plan changes between the question and the answer',
  guard: 'approval: a yes names the hash of its plan and counts for no other',
  runbook: lowerBlindly,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').modifies('ben', { step: 'lower', value: 9 });
    s.at('2m').approves('ana', { plan: 1 });
  },
  answer: { kind: 'signal', says: /approve ignored: it names plan \w{8}; what is asked is plan/ },
  without: anyYesCounts,
  harm: (left) => {
    const done = changesOf(left);
    return done === undefined ? undefined : `${done}; ana had approved 3`;
  },
});
