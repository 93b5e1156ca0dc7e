/** Runbooks that only stories have: each shows one thing that the catalogue's do not. Workflow code: no Node, no clock. */
import {
  alertCleared,
  measure,
  probeAnswers,
  queryBelow,
} from '../../../workflows/actions/monitor.js';
import { changeSetting, readSetting } from '../../../workflows/actions/setting.js';
import { findProcess, restartProcess } from '../../../workflows/actions/supervisor.js';
import type { Alert } from '../../../workflows/domain/alert.js';
import { hours, minutes, seconds } from '../../../workflows/domain/time.js';
import { defineRunbook, type Run } from '../../../workflows/runbook.js';
import { tuneRetries } from '../../../runbooks/tune-retries/index.js';

const handles = [{ alertname: 'RetryStorm' }];
const maxAgeMs = hours(2);
const calmWithinMs = seconds(30);

function lower(run: Run, service: string): Promise<unknown> {
  return run.step(`lower-${service}`, changeSetting, { service, key: 'retries', value: 3 });
}

function clears(run: Run, alert: Alert): Promise<void> {
  return run.confirm('the alert clears', alertCleared, { alert }, { withinMs: calmWithinMs });
}

export const lowerTwo = defineRunbook(
  { name: 'lower-two', handles, summary: 'Lower the retries of two services', maxAgeMs },
  async (run, alert) => {
    run.because('shop and cart retry against the same upstream');
    await lower(run, 'shop');
    await lower(run, 'cart');
    await clears(run, alert);
  },
);

export const lowerThree = defineRunbook(
  { name: 'lower-three', handles, summary: 'Lower the retries of three services', maxAgeMs },
  async (run, alert) => {
    await lower(run, 'shop');
    await lower(run, 'cart');
    await lower(run, 'mail');
    await clears(run, alert);
  },
);

export const lowerSideBySide = defineRunbook(
  { name: 'lower-side-by-side', handles, summary: 'Lower two services at once', maxAgeMs },
  async (run, alert) => {
    const second = async (): Promise<unknown> => {
      await run.observe(readSetting, { service: 'cart', key: 'retries' });
      return lower(run, 'cart');
    };
    await run.all([() => lower(run, 'shop'), second]);
    await clears(run, alert);
  },
);

/** Its second part can be taken back, its first cannot. */
export const restartThenTune = defineRunbook(
  { name: 'restart-then-tune', handles, summary: 'Restart, then do another runbook', maxAgeMs },
  async (run, alert) => {
    const found = await run.observe(findProcess, { service: alert.service });
    await run.step('restart', restartProcess, { host: found.host, process: found.process });
    await run.call(tuneRetries, alert);
  },
);

const restartInstead = defineRunbook(
  { name: 'restart-instead', handles, summary: 'Restart the service that retries', maxAgeMs },
  async (run, alert) => {
    const found = await run.observe(findProcess, { service: alert.service });
    run.because('nobody decided on the retries; a restart clears their queue');
    await run.step('restart', restartProcess, { host: found.host, process: found.process });
    await clears(run, alert);
  },
);

export const tuneOrRestart = defineRunbook(
  {
    name: 'tune-or-restart',
    handles,
    summary: 'Lower the retries, or restart when nobody answers',
    maxAgeMs,
    fallback: restartInstead,
  },
  async (run, alert) => {
    await lower(run, alert.service);
    await clears(run, alert);
  },
);

export const keepHalf = defineRunbook(
  {
    name: 'keep-half',
    handles,
    summary: 'Lower the retries and leave them lowered',
    maxAgeMs,
    whenNotWell: 'keep',
  },
  async (run, alert) => {
    await lower(run, alert.service);
    await clears(run, alert);
  },
);

/** Waits longer for a probe than a gate holds. */
export const slowRestart = defineRunbook(
  {
    name: 'slow-restart',
    handles: [{ alertname: 'ServiceDown' }],
    summary: 'Restart a service that takes long to come up',
    maxAgeMs,
  },
  async (run, { service }) => {
    const found = await run.observe(findProcess, { service });
    await run.step('restart', restartProcess, { host: found.host, process: found.process });
    const long = { withinMs: minutes(12), everyMs: seconds(30) };
    await run.confirm('the probe answers', probeAnswers, { service }, long);
  },
);

/** Its author took an optional label for granted. */
export const carelessAboutLabels = defineRunbook(
  { name: 'careless-about-labels', handles, summary: 'Read a label that is not there', maxAgeMs },
  async (run, alert) => {
    const key = alert.labels['setting'];
    if (key === undefined) throw new RangeError('the alert has no label "setting"');
    await run.observe(readSetting, { service: alert.service, key });
  },
);

/** Errs between two steps, where the rehearsal does not go. */
export const errsHalfway = defineRunbook(
  { name: 'errs-halfway', handles, summary: 'Err once the first step is done', maxAgeMs },
  async (run, alert) => {
    const { service } = alert;
    const limit = { query: 'service:error_ratio:5s', limit: 0.05 };
    await lower(run, service);
    const health = await run.observe(queryBelow, limit);
    if (health.well) throw new RangeError('this runbook does not know what to do when it is well');
    await clears(run, alert);
  },
);

/** A setting in which an image is named: what it would roll out is held against the approved lists. */
const rollOut = { ...changeSetting, resource: () => ({ image: 'registry.demo/shop:9' }) };

export const rollsOutAnImage = defineRunbook(
  { name: 'rolls-out-an-image', handles, summary: 'Roll out an image nobody approved', maxAgeMs },
  async (run, alert) => {
    await run.step('roll-out', rollOut, { service: alert.service, key: 'retries', value: 3 });
    await clears(run, alert);
  },
);

/** One after the other, each stage seen to be well before the next. */
export const lowerByStages = defineRunbook(
  { name: 'lower-by-stages', handles, summary: 'Lower the retries by stages', maxAgeMs },
  async (run, alert) => {
    const healthy = {
      says: (service: string) => `the probe of ${service} answers`,
      check: probeAnswers,
      input: (service: string) => ({ service }),
      withinMs: minutes(1),
    };
    const stages = { first: 1, then: '50%', healthy } as const;
    await run.canary(['shop', 'cart', 'mail'], stages, (service) => lower(run, service));
    await clears(run, alert);
  },
);

export const storyRunbooks = [
  lowerTwo,
  lowerThree,
  lowerSideBySide,
  restartThenTune,
  tuneOrRestart,
  keepHalf,
  slowRestart,
  carelessAboutLabels,
  errsHalfway,
  rollsOutAnImage,
  lowerByStages,
] as const;

const errorShare = { query: 'shop:errors:share' };

/** Decides on a number, so the number must be of now. */
export const lowerWhenMeasured = defineRunbook(
  {
    name: 'lower-when-measured',
    handles,
    summary: 'Lower the retries while errors are many',
    maxAgeMs,
  },
  async (run, alert) => {
    const { value } = await run.observe(measure, errorShare);
    run.because(`${value} of all requests fail`);
    if (value > 0) await lower(run, alert.service);
    await clears(run, alert);
  },
);

/** Looks at a number that only informs. */
export const lowerWithAGlance = defineRunbook(
  { name: 'lower-with-a-glance', handles, summary: 'Lower the retries, having looked', maxAgeMs },
  async (run, alert) => {
    const { value } = await run.observe(measure, errorShare, { whenFlawed: 'ask-people' });
    run.because(`${value} of all requests fail`);
    await lower(run, alert.service);
    await clears(run, alert);
  },
);

/** Two monitors say whether it is up. */
export const restartWhenAgreed = defineRunbook(
  {
    name: 'restart-when-agreed',
    handles: [{ alertname: 'ServiceDown' }],
    summary: 'Restart what the supervisor and the probe both say is down',
    maxAgeMs,
  },
  async (run, { service }) => {
    const found = await run.observe(findProcess, { service });
    const probe = await run.observe(probeAnswers, { service });
    run.agree(`whether ${service} is up`, found.state === 'RUNNING', probe.well);
    await run.step('restart', restartProcess, { host: found.host, process: found.process });
    await run.confirm('the probe answers', probeAnswers, { service });
  },
);
