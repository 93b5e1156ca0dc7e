/** It looked well, and half an hour later the same alert was back: no success. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('recurred', {
  says: 'records that a repair did not hold when the same alert fires again while it is watched',
  runbook: restartService,
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('30m').refires();
    s.between('1h', '61m').expects('closed', /recurred/);
  },
});
