/** The sender says resolved, the monitor does not agree yet: only what is seen counts. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('flaps-during-confirm', {
  says: 'does not believe an early resolved: it looks, sees the alert fire still, and waits on',
  runbook: restartService,
  given: (world) => {
    world.dies('shop');
    world.alerts.firing('ServiceDown');
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('20s').resolves();
    s.between('20s', '40s').expectsNo('outcome', /./);
    s.at('41s').world((world) => world.clears('ServiceDown'));
    s.between('40s', '1m').expects('outcome', /^resolved/);
  },
});
