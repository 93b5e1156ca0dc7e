/** Nothing may go wrong any more: a person decides. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { known } from '../../workflows/domain/verdict.js';
import { story } from '../support/story/story.js';

export default story('error-budget-spent', {
  says: 'withholds with error-budget-spent when too little of the error budget is left',
  runbook: restartService,
  guards: {
    rules: `errorBudget:
  services: ['*']
  leftMin: 10%
  maxAge: 5m
  query: slo:budget{service="$service"}
  prometheusUrl: http://127.0.0.1:9090`,
    errorBudgets: {
      leftOf: () => Promise.resolve(known({ left: 0.042, atMs: Number.MAX_SAFE_INTEGER })),
    },
  },
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '1m').expects('outcome', /^withheld: 4.2% of shop's error budget is left/);
  },
});
