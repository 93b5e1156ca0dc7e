/** Two alerts, one process: the second run waits until the first has given its lease back. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('target-busy', {
  says: 'waits while another run holds its target, and goes on when it is free',
  runbook: restartService,
  given: (world) => {
    world.dies('shop');
    world.alerts.probing('shop', () => false);
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('22s').fires('ServiceDown', { fingerprint: 'fp-another' });
    s.between('22s', '50s').expects('decision', /lease: hold, run restart-service/);
    s.at('1m 7s').world((world) => world.alerts.probing('shop', () => true));
    s.between('1m', '80s').expects('effect', /done: restart shop/);
    s.between('1m', '80s').expects('outcome', /^resolved/);
  },
});
