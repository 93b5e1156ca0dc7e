/** It helped, and a person wants it gone all the same: within the hour, `undo` takes it back. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('undone-by-operator', {
  says: 'takes a finished repair back while it is watched: undo-requested',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.between('1m', '2m').expects('outcome', /^resolved/);
    s.at('20m').undoes('ben', { note: 'the upstream wants its retries back' });
    s.between('20m', '21m').expects('outcome', /undone: ben asked for it/);
  },
});
