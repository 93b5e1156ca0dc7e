/** Policy asks for two, and the one who asked for the run is not one of them. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('own-request-does-not-count', {
  says: 'does not count the approval of the person who asked for the run where two must agree',
  runbook: tuneRetries,
  policy: policyText({ approvalsMin: 2 }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm', { by: 'ana' });
    s.at('1m').approves('ana');
    s.at('2m').approves('ben');
    s.between('2m', '179s').expectsNo('intent', /./);
    s.at('3m').approves('eve');
    s.between('3m', '4m').expects('outcome', /^resolved/);
  },
});
