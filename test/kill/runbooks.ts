/** The runbooks whose workers are killed: two and ten changes in a row. Workflow code: no Node, no clock. */
import { alertCleared } from '../../workflows/actions/monitor.js';
import { changeSetting } from '../../workflows/actions/setting.js';
import { hours, seconds } from '../../workflows/domain/time.js';
import { defineRunbook, type Runbook } from '../../workflows/runbook.js';

/** What every setting is before, and what a step makes of it. */
export const valueBefore = 5;
export const valueAfter = 3;

export function stepName(number: number): string {
  return `change-${number}`;
}

/** Each step has a target of its own, so that runs side by side do not meet. */
export function partOf(service: string, number: number): string {
  return `${service}-part-${number}`;
}

function changing(name: string, steps: number): Runbook {
  const meta = {
    name,
    handles: [{ alertname: 'RetryStorm' }],
    summary: `Lower ${steps} settings of one service`,
    maxAgeMs: hours(2),
    undoWindowMs: seconds(1),
  };
  return defineRunbook(meta, async (run, alert) => {
    for (let number = 1; number <= steps; number += 1) {
      const service = partOf(alert.service, number);
      const input = { service, key: 'retries', value: valueAfter };
      await run.step(stepName(number), changeSetting, input);
    }
    await run.confirm('the alert clears', alertCleared, { alert }, { withinMs: seconds(30) });
  });
}

export const changeTwo = changing('change-two', 2);
export const changeTen = changing('change-ten', 10);
