/** Answers that come too late, or never: neither is a yes. */
import { changesOf } from '../aftermath.js';
import { incident, type Harm } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { questionsStandForEver } from '../weak/gates.js';
import { silenceIsYes } from '../weak/people.js';

const acted =
  (why: string): Harm =>
  (left) => {
    const done = changesOf(left);
    return done === undefined ? undefined : `${done}; ${why}`;
  };

export default [
  incident('answer-after-the-timeout', {
    incident: 'awx #13465: the buttons live on after the timeout',
    mechanism: 'the answer comes an hour after the question',
    guard: 'every question is bounded: at the end of the chain the run is over',
    runbook: lowerBlindly,
    given: (world) => world.storms('shop'),
    script: (s) => {
      s.at(0).fires('RetryStorm');
      s.at('1h').approves('ana');
    },
    answer: { kind: 'outcome', says: /nobody answered in time/, reason: 'unanswered' },
    without: questionsStandForEver,
    harm: acted('ana had answered an hour late'),
  }),
  incident('silence-taken-for-yes', {
    incident: 'Kestra #8242, #18680: what nobody answers goes on by itself',
    mechanism: 'nobody answers',
    guard: 'a timeout never approves',
    runbook: lowerBlindly,
    given: (world) => world.storms('shop'),
    script: (s) => void s.at(0).fires('RetryStorm'),
    answer: { kind: 'outcome', says: /nobody answered in time/, reason: 'unanswered' },
    without: silenceIsYes,
    harm: acted('nobody had agreed'),
  }),
];
