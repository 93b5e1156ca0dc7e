/** Between the question and the answer somebody edited the file: what was approved is not what would be done. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('world-moved-after-approval', {
  says: 'asks again when the world moved after the approval, and does what was approved then',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').world((world) => world.settings.editedByHand('shop', { timeoutMs: 900 }));
    s.at('2m').approves('ana');
    s.between('2m', '3m').expectsNo('effect', /^done/);
    s.between('2m', '3m').expects('effect', /^not done: .* changed by somebody else/);
    s.between('2m', '3m').expects('proposal', /./);
    s.at('2m 30s').store(({ leases }) => {
      if (leases.size > 0) throw new Error('a run that waits for a person holds a lease');
    });
    s.at('3m').approves('ana');
    s.between('3m', '4m').expects('outcome', /^resolved/);
  },
});
