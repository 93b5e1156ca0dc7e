/** Misspelt, malformed and foreign signals: each is answered in the ledger, none counts, none breaks anything. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('unknown-signal', {
  says: 'records signals it does not understand, and waits on undisturbed',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').sends('aprove', { by: 'ana' });
    s.at('1m 10s').sends('approve', 'yes please');
    s.at('1m 20s').sends('approve', { by: 'ana' });
    s.at('1m 30s').sends('approve', { by: 'ana', plan: '' });
    s.at('1m 40s').sends('modify', { step: 'lower-retries', input: [3] });
    s.at('1m 50s').sends('approve:approval:00000000', undefined);
    s.between('1m', '2m').expectsNo('intent', /./);
    s.at('2m').approves('ana');
    s.between('2m', '3m').expects('outcome', /^resolved/);
  },
});
