/** A person takes over while the repair is awaited to help: Belay leaves everything as it is. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('taken-over', {
  says: 'leaves everything as it is once a person has taken the incident over: taken-over',
  runbook: tuneRetries,
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.at('1m 10s').takesOver('ana', { note: 'I see what it is' });
    s.between('1m 10s', '2m').expects('outcome', /unresolved/);
    s.between('1m 10s', '2m').expectsNo('undo', /./);
  },
});
