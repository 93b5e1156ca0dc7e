/** Runbooks whose authors forgot to look: they rely on the engine's defences alone, which is what incidents are about. */
import { alertCleared, probeAnswers } from '../../workflows/actions/monitor.js';
import { defineFact } from '../../workflows/actions/action.js';
import { changeSetting } from '../../workflows/actions/setting.js';
import { findProcess, restartProcess } from '../../workflows/actions/supervisor.js';
import { hours, minutes, seconds } from '../../workflows/domain/time.js';
import { defineRunbook, type Runbook } from '../../workflows/runbook.js';

const storm = [{ alertname: 'RetryStorm' }];
const down = [{ alertname: 'ServiceDown' }];
const within = { withinMs: minutes(1), everyMs: seconds(5) };

/** Restarts whatever the alert names, in whatever state it is. */
export const restartBlindly = defineRunbook(
  {
    name: 'restart-blindly',
    handles: down,
    summary: 'Restart without looking whether it is needed',
    maxAgeMs: minutes(30),
  },
  async (run, alert) => {
    const { host, process } = await run.observe(findProcess, { service: alert.service });
    await run.step('restart', restartProcess, { host, process });
    await run.confirm('the alert clears', alertCleared, { alert }, within);
  },
);

/** Sets the retries to three, whatever they are. */
export const lowerBlindly = defineRunbook(
  {
    name: 'lower-blindly',
    handles: storm,
    summary: 'Lower the retries without looking at them',
    maxAgeMs: hours(2),
  },
  async (run, alert) => {
    const { service } = alert;
    await run.step('lower', changeSetting, { service, key: 'retries', value: 3 });
    await run.confirm('the alert clears', alertCleared, { alert }, within);
  },
);

/** Takes its number from the alert. */
export const setFromLabel = defineRunbook(
  {
    name: 'set-from-label',
    handles: storm,
    summary: 'Set the retries to what the alert says',
    maxAgeMs: hours(2),
  },
  async (run, alert) => {
    const { service, labels } = alert;
    const value = Number(labels['retries']);
    await run.step('set', changeSetting, { service, key: 'retries', value });
    await run.confirm('the alert clears', alertCleared, { alert }, within);
  },
);

/** The services a selector stands for, when it is asked. */
export const selectServices = defineFact<{ selector: string }, readonly string[]>({
  name: 'fleet.select',
  timeoutMs: seconds(5),
  attemptsMax: 3,
});

export const restartSelected = defineRunbook(
  {
    name: 'restart-selected',
    handles: down,
    summary: 'Restart every service of a selector',
    maxAgeMs: hours(2),
  },
  async (run, alert) => {
    const services = await run.observe(selectServices, { selector: alert.service });
    for (const service of services) {
      const { host, process } = await run.observe(findProcess, { service });
      await run.step(`restart-${service}`, restartProcess, { host, process });
    }
  },
);

/** Sets the retries of all its services to three, by stages. */
export function lowerByStages(services: readonly string[]): Runbook {
  const meta = { name: 'lower-everywhere', handles: storm, maxAgeMs: hours(2) };
  return defineRunbook({ ...meta, summary: 'Lower the retries everywhere' }, async (run) => {
    const healthy = {
      says: (service: string) => `the probe of ${service} answers`,
      check: probeAnswers,
      input: (service: string) => ({ service }),
      ...within,
    };
    await run.canary(services, { first: 1, then: '25%', healthy }, (service) => {
      return run.step(`lower-${service}`, changeSetting, { service, key: 'retries', value: 3 });
    });
  });
}
