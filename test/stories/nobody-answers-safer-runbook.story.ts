/** Level 3 and nobody is there, but the runbook names a safer one, which policy lets act alone. */
import { tuneOrRestart } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('nobody-answers-safer-runbook', {
  says: 'falls back to the safer runbook when nobody answers',
  runbook: tuneOrRestart,
  given: (world) => {
    world.storms('shop');
    const pid = world.processes.find(world.refOf('shop')).pid;
    world.alerts.firing('RetryStorm', () => world.processes.find(world.refOf('shop')).pid === pid);
  },
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between('15m', '16m').expects('decision', /falls back to restart-instead/);
    s.between('15m', '16m').expects('effect', /done: restart shop/);
    s.between('15m', '16m').expects('outcome', /^resolved/);
  },
});
