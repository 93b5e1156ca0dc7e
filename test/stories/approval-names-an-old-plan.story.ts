/** Two people answer at once: one changes the plan, the other approves the one that is no longer asked. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('approval-names-an-old-plan', {
  says: 'ignores an approval of a plan that was replaced, and waits for one of the new plan',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').modifies('ben', { step: 'lower-retries', value: 2 });
    s.at('2m').approves('ana', { plan: 1 });
    s.between('2m', '3m').expects('signal', /approve ignored: it names plan/);
    s.between('2m', '3m').expectsNo('intent', /./);
    s.at('3m').approves('ana', { plan: 2 });
    s.between('3m', '4m').expects('effect', /set retries of shop to 2/);
  },
});
