/**
 * A remediation worker as in production, but for its adapters: the sink of the test instead of real systems, and at the
 * moment its environment names it kills itself. Only tests build it.
 */
import { createHash } from 'node:crypto';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { implementAction, implementFact, type Implementation } from '../../activities/adapter.js';
import { startRemediation } from '../../workers/remediation.js';
import { readSettings } from '../../workers/settings.js';
import { alertCleared } from '../../workflows/actions/monitor.js';
import { changeSetting, type SettingState } from '../../workflows/actions/setting.js';
import { Moments, watchWorkers } from './moments.js';
import type { Asked } from './sink.js';

const sinkUrl = process.env['BELAY_KILL_SINK'];
const isCareless = process.env['BELAY_KILL_CARELESS'] === '1';
const moments = new Moments({
  run: process.env['BELAY_KILL_RUN'] ?? '',
  moment: process.env['BELAY_KILL_MOMENT'] ?? '',
});

function stateOf(value: number): SettingState {
  return { sha256: createHash('sha256').update(String(value)).digest('hex'), value };
}

async function sink(path: string, body?: Asked): Promise<number> {
  const how = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(new URL(path, sinkUrl), how);
  const { value } = (await response.json()) as { value: number };
  return value;
}

async function look(service: string): Promise<SettingState> {
  return stateOf(await sink(`/${service}`));
}

const adapters: Implementation[] = [
  implementFact(alertCleared, () => Promise.resolve({ well: true, seen: 'it is over' })),
  implementAction(changeSetting, {
    look: ({ service }) => look(service),
    plan: ({ input }) => stateOf(input.value),
    async apply({ operationId, input: { service, value } }, { attempt }) {
      const [run = '', step = ''] = operationId.split('/');
      moments.reached(run, `effect of ${step} begins`);
      const asked = { operationId, value, mayBeThere: attempt > 1 && !isCareless };
      const after = await sink(`/${service}`, asked);
      moments.reached(run, `effect of ${step} done`);
      return stateOf(after);
    },
    async verify({ input: { service }, expected }) {
      const { value } = await look(service);
      return { well: value === expected.value, seen: `${service} is ${value}` };
    },
    undo: ({ before }) => Promise.resolve(before),
  }),
];

watchWorkers(moments);
Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
const log = pino({ name: 'doomed-worker' });
const running = await startRemediation({ settings: readSettings(process.env), log, adapters });
process.once('SIGTERM', () => void running.stop());
await running.ended;
