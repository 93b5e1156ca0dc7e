/** A person asks for an undo while the engine is stopped: that would be acting, so it waits until it is resumed. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('undo-refused-while-stopped', {
  says: 'refuses an undo while the engine is stopped, and does it when asked again later',
  runbook: tuneRetries,
  policy: policyText({ configure: 4 }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('10m').stops('everything', 'ana', 'migration');
    s.at('11m').undoes('ben');
    s.between('11m', '12m').expects('decision', /undo refused: ana stopped everything/);
    s.at('20m').resumes('everything');
    s.at('21m').undoes('ben');
    s.between('21m', '22m').expects('outcome', /undone/);
  },
});
