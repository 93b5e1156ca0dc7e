/** The switches cannot be read: unknown means no. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('unreadable', {
  says: 'withholds as unreadable when a gate cannot read its facts',
  runbook: restartService,
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).storeUnreadable('stops', 'the table is locked');
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('outcome', /could not read its facts: the table is locked/);
  },
});
