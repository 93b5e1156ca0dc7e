/** The store in memory keeps the contract. */
import { createFakeStore } from '../../support/fake-store.js';
import { nowMs, policyTable } from './fixture.js';
import { describeStore } from './suite.js';

describeStore('the store in memory', () => {
  const claims = new Set<string>();
  const claimed = (operationId: string): boolean => claims.has(operationId);
  const fake = createFakeStore({ now: () => nowMs, policyTable, claimed });
  const sorted = <Mark extends { target: string }>(marks: ReadonlyMap<string, Mark>) =>
    [...marks.values()].toSorted((a, b) => (a.target < b.target ? -1 : 1));
  return Promise.resolve({
    record: (input) => fake.record(input),
    consider: (input) => fake.consider(input),
    admit: (input) => fake.admit(input),
    ledger: (run) => Promise.resolve(fake.ledger.filter((line) => line.run === run)),
    notices: (run) => Promise.resolve(fake.notices.filter((notice) => notice.run === run)),
    leases: () => Promise.resolve(sorted(fake.leases)),
    quarantine: () => Promise.resolve(sorted(fake.quarantine)),
    stop: (order) => Promise.resolve(fake.stop(order)),
    resume: (scope) => Promise.resolve(fake.resume(scope)),
    releaseTarget: (target) => Promise.resolve(fake.releaseTarget(target)),
    begins: (operationId) => Promise.resolve(void claims.add(operationId)),
    unreadable: (fact) => Promise.resolve(fake.unreadable(fact, 'switched off by the test')),
  });
});
