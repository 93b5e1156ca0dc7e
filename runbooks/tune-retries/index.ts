/** Lowers the retries of a service whose retries amplify an upstream fault; acts only through its steps. */
import { queryBelow } from '../../workflows/actions/monitor.js';
import { changeSetting, readSetting } from '../../workflows/actions/setting.js';
import { minutes, seconds } from '../../workflows/domain/time.js';
import { defineRunbook } from '../../workflows/runbook.js';

/** Four attempts in all keep a service of usual headroom below its upstream's capacity; six do not. */
const calmRetries = 3;
const errorRatioMax = 0.05;

export const tuneRetries = defineRunbook(
  {
    name: 'tune-retries',
    handles: [{ alertname: 'RetryStorm' }],
    summary: 'Lower the retries of a service that amplifies the fault of its upstream',
    maxAgeMs: minutes(30),
  },
  async (run, alert) => {
    const { service } = alert;
    const setting = await run.observe(readSetting, { service, key: 'retries' });
    if (setting.value <= calmRetries) {
      return run.because(`${service} retries ${setting.value} times, which is calm already`);
    }
    run.because(
      `${service} retries ${setting.value} times; each retry multiplies the load of its upstream`,
    );

    await run.step('lower-retries', changeSetting, { service, key: 'retries', value: calmRetries });

    const errorRatio = `service:error_ratio:5s{service="${service}"}`;
    await run.confirm(
      `fewer than ${errorRatioMax * 100} in 100 requests fail`,
      queryBelow,
      { query: errorRatio, limit: errorRatioMax },
      { withinMs: seconds(30), everyMs: seconds(1) },
    );
  },
);
