/** The store in memory counts what the guards go by. */
import { createFakeStore } from '../../support/fake-store.js';
import { guardsOf } from '../../support/story/guards.js';
import { nowMs } from '../contract/fixture.js';
import { anyServicePolicy } from './policy.js';
import { describeGuards } from './suite.js';

describeGuards('the guards on the store in memory', (plan) => {
  let clockMs = nowMs;
  const now = (): number => clockMs;
  const fake = createFakeStore({ now, policyTable: anyServicePolicy, guards: guardsOf(plan) });
  return Promise.resolve({
    record: (input) => fake.record(input),
    consider: (input) => fake.consider(input),
    admit: (input) => fake.admit(input),
    now,
    later: (durationMs) => Promise.resolve(void (clockMs += durationMs)),
  });
});
