/** The remedy does not help and cannot be taken back either: the target is nobody's until a person has looked. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { undoOf } from '../support/story/sites.js';
import { story } from '../support/story/story.js';

export default story('undo-fails', {
  says: 'is stuck when an undo fails for good: undo-failed; the next run on the target is quarantined',
  runbook: tuneRetries,
  policy: policyText({ configure: 4 }),
  faults: [{ site: undoOf('lower-retries'), kind: 'fail' }],
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between('30s', '1m').expects('outcome', /stuck: setting:shop\/retries could not be taken/);
    s.between('30s', '1m').expects('notice', /stuck/);
    s.at('5m').world((world) => world.settings.editedByHand('shop', { retries: 5 }));
    s.at('5m 5s').fires('RetryStorm', { fingerprint: 'fp-another' });
    s.between('5m', '6m').expects('outcome', /withheld: run .* left setting:shop\/retries unsafe/);
  },
});
