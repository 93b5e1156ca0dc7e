/** Restarts a supervised process that is down or answers no probe; acts only through its steps. */
import { alertCleared, probeAnswers } from '../../workflows/actions/monitor.js';
import { findProcess, restartProcess } from '../../workflows/actions/supervisor.js';
import { minutes, seconds } from '../../workflows/domain/time.js';
import { defineRunbook } from '../../workflows/runbook.js';

export const restartService = defineRunbook(
  {
    name: 'restart-service',
    handles: [{ alertname: 'ServiceDown' }],
    summary: 'Restart a supervised process that is down or answers no probe',
    maxAgeMs: minutes(15),
  },
  async (run, alert) => {
    const { service } = alert;
    const [found, probe] = await Promise.all([
      run.observe(findProcess, { service }),
      run.observe(probeAnswers, { service }),
    ]);
    if (found.state === 'RUNNING' && probe.well) {
      return run.because(`${found.process} is running and answers its probe: nothing to restart`);
    }
    run.because(`${found.process} on ${found.host} is ${found.state} since ${found.since}`);
    run.because(`its probe: ${probe.seen}`);

    await run.step('restart', restartProcess, { host: found.host, process: found.process });

    await run.confirm(
      'the probe answers',
      probeAnswers,
      { service },
      { withinMs: minutes(1), everyMs: seconds(1) },
    );
    await run.confirm(
      'the alert clears',
      alertCleared,
      { alert },
      { withinMs: minutes(2), everyMs: seconds(1) },
    );
  },
);
