/** An approval for a question that was answered already: recorded, and nothing comes of it. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('late-signal', {
  says: 'records a late approval and does nothing with it',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.at('10m').approves('ben');
    s.between('10m', '11m').expects('signal', /approve ignored: not asked for now/);
    s.between('1h', '62m').expects('closed', /held/);
  },
});
