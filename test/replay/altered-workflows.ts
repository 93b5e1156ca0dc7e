/** The same workflow types with one thing altered each, which no recorded history may replay on. */
import { alertCleared } from '../../workflows/actions/monitor.js';
import { workflowOf } from '../../workflows/bind.js';
import { defineRunbook } from '../../workflows/runbook.js';
import { restartService as restartServiceRunbook } from '../../runbooks/restart-service/index.js';
import { lowerTwo as lowerTwoRunbook } from '../support/story/runbooks.js';
import { changeSetting } from '../../workflows/actions/setting.js';

/** Observes once more than the histories of restart-service did. */
export const restartService = workflowOf(
  defineRunbook(restartServiceRunbook.meta, async (run, alert) => {
    await run.observe(alertCleared, { alert });
    await restartServiceRunbook.body(run, alert);
  }),
);

/** Restarts nothing, but confirms: the step is gone. */
export const tuneRetries = workflowOf(
  defineRunbook({ ...restartServiceRunbook.meta, name: 'tune-retries' }, async (run, alert) => {
    await run.confirm('the alert clears', alertCleared, { alert });
  }),
);

/** Does its second step only. */
export const lowerTwo = workflowOf(
  defineRunbook(lowerTwoRunbook.meta, async (run) => {
    await run.step('lower-cart', changeSetting, { service: 'cart', key: 'retries', value: 3 });
  }),
);
