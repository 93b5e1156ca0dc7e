/** The texts of a new runbook: code, test and manual procedure. They run as they are, and are meant to be written over. */
import { proseOf } from './from-alert.js';
import { codeSpan, constText, handlesText, propertyText } from './literal.js';
import type { Naming } from './naming.js';

export function runbookText({ name, variable, alertname, handles }: Naming): string {
  const summary = { key: 'summary', value: `Restart the process behind ${alertname}`, indent: 4 };
  return `/** Restarts the process of the service its alert is about; acts only through its steps. */
import { probeAnswers } from '../../workflows/actions/monitor.js';
import { findProcess, restartProcess } from '../../workflows/actions/supervisor.js';
import { minutes, seconds } from '../../workflows/domain/time.js';
import { defineRunbook } from '../../workflows/runbook.js';

export const ${variable} = defineRunbook(
  {
    name: '${name}',
${handlesText(handles)}
${propertyText(summary)}
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

/** The same code that runs on Temporal, in virtual time and a fake world; and that the alert it was made for comes to it. */
export function testText(naming: Naming): string {
  const { name, variable, alertname, sample } = naming;
  const fromFile = sample === null ? [] : ["import { readFileSync } from 'node:fs';"];
  const typed =
    sample === null ? [] : ["import type { Alert } from '../../workflows/domain/alert.js';"];
  const imports = [
    ...fromFile,
    "import { expect, test } from '@jest/globals';",
    "import { alertOf, createSimulator } from '../../test/support/simulator/simulator.js';",
    ...typed,
    "import { route } from '../../workflows/domain/routing.js';",
    "import { runbooks } from '../index.js';",
    `import { ${variable} } from './index.js';`,
  ];
  return `/** ${name}: the alert it takes, and in the simulator what it does to the world when it may act alone. */
${imports.join('\n')}

${constText('alertname', alertname)}
const policy = \`
version: 1
self: []
levels: { restart: { warning: 4 } }
chains: { default: [{ notify: on-call, wait: 5m }] }
services: { shop: { tier: warning, environment: demo } }
\`;

test('${name} takes the alert it was made for, and no other runbook does', () => {
${sampleText(naming)}
  expect(route(runbooks, alert).runbook).toBe('${name}');
});

test('${name} restarts a process that is down, and the service is well again', async () => {
  const simulator = createSimulator({ policy });
  simulator.world.dies('shop');

  const run = simulator.start(${variable}, alertOf(alertname));
  const report = await simulator.time.until(run.report);

  expect(report.outcome).toBe('resolved');
  expect(report.steps.map(({ name }) => name)).toEqual(['restart']);
  expect(simulator.world.effects.map(({ operationId }) => operationId)).toEqual([
    \`\${run.runtime.id}/restart\`,
  ]);
});
`;
}

/** The file beside it is one line of `belay parse`: `belay match` and `belay plan` read it, too. */
export const sampleFile = 'alert.jsonl';

function sampleText({ sample }: Naming): string {
  if (sample === null) return '  const alert = alertOf(alertname);';
  return `  const line = readFileSync(new URL('./${sampleFile}', import.meta.url), 'utf8');
  const alert = JSON.parse(line) as Alert;`;
}

export function manualText({ name, alertname, sample }: Naming): string {
  const said = sample === null ? [] : [['severity', sample.severity] as const, ...proseOf(sample)];
  const lines = said.map(([word, text]) => `- ${word}: ${codeSpan(text)}`);
  const quoted =
    sample === null ? '' : `What ${codeSpan(sample.source)} says of it:\n\n${lines.join('\n')}\n\n`;
  const alert = codeSpan(alertname);
  return `# ${name}: the manual procedure

Handles ${alert}. Restarts the process of the service under supervisord. It cannot be taken back: the process that ran before is
gone.

${quoted}By hand:

1. \`supervisorctl -c <conf> status <process>\`: is it down? When it is \`RUNNING\` and its probe answers, stop here.
2. \`supervisorctl tail <process> stderr\`: what did it die of? A process that died of its configuration will die again.
3. \`supervisorctl restart <process>\` and wait for \`RUNNING\`.
4. The probe answers and ${alert} clears. If not, escalate: this remedy does not fit.
`;
}
