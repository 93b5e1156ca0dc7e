/** The halt comes while a worker is lost in the middle of the effect: the effect is ended and known before it is taken back. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { effectOf } from '../support/story/sites.js';
import { story } from '../support/story/story.js';

export default story('halted-mid-step', {
  says: 'is halted while a step is under way, ends the step, and takes it back',
  runbook: tuneRetries,
  policy: policyText({ configure: 4 }),
  faults: [{ site: effectOf('lower-retries'), kind: 'lost-after', attempt: 1 }],
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1s').halts('ana');
    s.between('3s', '10s').expects('undo', /taken back/);
    s.between('3s', '10s').expects('outcome', /undone: ana sent halt/);
  },
});
