/** Turns a runbook into a Temporal workflow function: parses what it was started with and drives the story. */
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { Alert } from './domain/alert.js';
import { episodeOf } from './domain/alert.js';
import { messageOf } from './domain/failure.js';
import type { Report } from './progress.js';
import { rehearsal, type Rehearsed } from './rehearsal.js';
import { remediation } from './remediation.js';
import type { Runbook, RunInput } from './runbook.js';
import type { Runtime } from './runtime.js';
import { TemporalRuntime } from './runtime-temporal.js';

type Story = (runtime: Runtime, runbook: Runbook, input: RunInput) => Promise<Report | Rehearsed>;
export type RunWorkflow = (input: RunInput) => Promise<Report | Rehearsed>;

/** Nothing inside is cancellable: Temporal's cancel arrives as a halt, so that what was done is taken back. */
export function workflowOf(runbook: Runbook): RunWorkflow {
  return (input) => {
    const checked = checkedInput(input);
    const runtime = new TemporalRuntime();
    const story: Story = checked.rehearseOnly === true ? rehearsal : remediation;
    return CancellationScope.nonCancellable(() => story(runtime, runbook, checked));
  };
}

/** The intake has parsed the alert already; this keeps a run that was started by hand with nonsense from hanging. */
function checkedInput(input: RunInput | undefined): RunInput {
  try {
    const alert: Alert | undefined = input?.alert;
    if (input === undefined || alert === undefined) throw new RangeError('it has no alert');
    episodeOf(alert);
    if (typeof input.trigger !== 'string') throw new RangeError('it has no trigger');
    if (typeof alert.service !== 'string') throw new RangeError('the alert has no service');
    return input;
  } catch (thrown) {
    throw ApplicationFailure.nonRetryable(
      `the run's input is not {alert, trigger}: ${messageOf(thrown)}`,
      'bad-input',
    );
  }
}
