/** Somebody else keeps editing the same file: after ten proposals Belay stops asking people in vain. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

const rounds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

export default story('keeps-moving', {
  says: 'gives up as keeps-moving when the world changed under every proposal',
  runbook: tuneRetries,
  policy: policyText({ chain: [{ notify: 'on-call', wait: '5m' }] }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    for (const round of rounds) {
      s.at(`${round}m 10s`).world((world) => {
        world.settings.editedByHand('shop', { timeoutMs: 800 + round });
      });
      s.at(`${round}m 20s`).approves('ana');
    }
    s.between('10m', '11m').expects('outcome', /withheld: 10 proposals were overtaken/);
  },
});
