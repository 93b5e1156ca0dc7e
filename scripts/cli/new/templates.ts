/** The texts of a new runbook: code, test and manual procedure. They run as they are, and are meant to be written over. */

export interface Naming {
  /** Kebab-case. */
  readonly name: string;
  /** The same in camelCase, which is also its workflow type. */
  readonly variable: string;
  readonly alertname: string;
}

export function runbookText({ name, variable, alertname }: Naming): string {
  return `/** Restarts the process of a service that reports ${alertname}; acts only through its steps. */
import { probeAnswers } from '../../workflows/actions/monitor.js';
import { findProcess, restartProcess } from '../../workflows/actions/supervisor.js';
import { minutes, seconds } from '../../workflows/domain/time.js';
import { defineRunbook } from '../../workflows/runbook.js';

export const ${variable} = defineRunbook(
  {
    name: '${name}',
    handles: [{ alertname: '${alertname}' }],
    summary: 'Restart the process of a service that reports ${alertname}',
    maxAgeMs: minutes(15),
  },
  async (run, alert) => {
    const { service } = alert;
    const found = await run.observe(findProcess, { service });
    run.because(\`\${found.process} on \${found.host} is \${found.state} since \${found.since}\`);

    await run.step('restart', restartProcess, { host: found.host, process: found.process });

    await run.confirm(
      'the probe answers',
      probeAnswers,
      { service },
      { withinMs: minutes(1), everyMs: seconds(1) },
    );
  },
);
`;
}

/** A story in the simulator: the same code that runs on Temporal, in virtual time and a fake world. */
export function testText({ name, variable, alertname }: Naming): string {
  return `/** ${name} in the simulator: what it does to the world when it may act alone. */
import { expect, test } from '@jest/globals';
import { alertOf, createSimulator } from '../../test/support/simulator/simulator.js';
import { ${variable} } from './index.js';

const policy = \`
version: 1
self: []
levels: { restart: { warning: 4 } }
chains: { default: [{ notify: on-call, wait: 5m }] }
services: { shop: { tier: warning, environment: demo } }
\`;

test('${name} restarts a process that is down, and the service is well again', async () => {
  const simulator = createSimulator({ policy });
  simulator.world.dies('shop');

  const run = simulator.start(${variable}, alertOf('${alertname}'));
  const report = await simulator.time.until(run.report);

  expect(report.outcome).toBe('resolved');
  expect(report.steps.map(({ name }) => name)).toEqual(['restart']);
  expect(simulator.world.effects.map(({ operationId }) => operationId)).toEqual([
    \`\${run.runtime.id}/restart\`,
  ]);
});
`;
}

export function manualText({ name, alertname }: Naming): string {
  return `# ${name}: the manual procedure

Handles \`${alertname}\`. Restarts the process of the service under supervisord. It cannot be taken back: the process that ran before is
gone.

By hand:

1. \`supervisorctl -c <conf> status <process>\`: is it down? When it is \`RUNNING\` and its probe answers, stop here.
2. \`supervisorctl tail <process> stderr\`: what did it die of? A process that died of its configuration will die again.
3. \`supervisorctl restart <process>\` and wait for \`RUNNING\`.
4. The probe answers and \`${alertname}\` clears. If not, escalate: this remedy does not fit.
`;
}
