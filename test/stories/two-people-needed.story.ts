/** Policy asks for two: one person counts once, however often they say so. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('two-people-needed', {
  says: 'acts once two different people approved; the same person twice is one',
  runbook: tuneRetries,
  policy: policyText({ approvalsMin: 2 }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.at('2m').approves('ana');
    s.between('1m', '179s').expectsNo('intent', /./);
    s.at('3m').approves('ben');
    s.between('3m', '4m').expects('outcome', /^resolved/);
  },
});
