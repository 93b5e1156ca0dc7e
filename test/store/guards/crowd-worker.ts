/** A process of its own that has runs let in as fast as it can, holds what it was given for a moment, and gives it back. */
import { createTablePolicy } from '../../../activities/policy/source.js';
import { parsePolicy } from '../../../activities/policy/parse.js';
import { openDb } from '../../../activities/store/db.js';
import { createStore } from '../../../activities/store/store.js';
import { notPassed } from '../../../workflows/gates/index.js';
import type { JudgeInput } from '../../../workflows/store.js';
import { guardsOf } from '../../support/story/guards.js';
import type { Crowd, CrowdEnd, Wish } from './crowd.js';

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const crowd = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Crowd;
const db = openDb({ url: crowd.url, poolMax: crowd.connections });
const policy = createTablePolicy(parsePolicy(crowd.policy, 'services.yaml'), 'digest');
const guards = guardsOf({ rules: crowd.rules, fleet: crowd.fleet });
const store = createStore({ db, policy, guards, digestOf: () => 'digest' });
const end: { admitted: number; refused: number; asked: number; reasons: Record<string, number> } = {
  admitted: 0,
  refused: 0,
  asked: 0,
  reasons: {},
};

async function live({ run, service, targets, holdsMs }: Wish): Promise<void> {
  for (let attempt = 1; attempt <= crowd.attemptsMax; attempt += 1) {
    const blocked = notPassed(
      (await patiently(() => store.admit(asking(run, service, targets)))).gates,
    );
    if (blocked === undefined) {
      end.admitted += 1;
      await wait(holdsMs);
      const { runbook, alert, trigger } = asking(run, service, targets);
      const released = { entries: [], notices: [], release: true };
      await patiently(() => store.record({ run, runbook, alert, trigger, ...released }));
      return;
    }
    end.asked += 1;
    const reason = blocked.verdict.kind === 'pass' ? '' : blocked.verdict.reason;
    end.reasons[reason] = (end.reasons[reason] ?? 0) + 1;
    if (blocked.verdict.kind === 'refuse') break;
    await wait(5 + Math.random() * 40);
  }
  end.refused += 1;
}

/** A store that does not answer in time is asked again, as Temporal asks again; the same run is let in once. */
async function patiently<Answer>(ask: () => Promise<Answer>, attemptsLeft = 20): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (attemptsLeft <= 1) throw error;
    await wait(100);
    return patiently(ask, attemptsLeft - 1);
  }
}

function asking(run: string, service: string, targets: readonly string[]): JudgeInput {
  const at = new Date().toISOString();
  return {
    run,
    runbook: 'restart-service',
    trigger: 'alert',
    alert: {
      source: 'test',
      fingerprint: run,
      name: 'ServiceDown',
      status: 'firing',
      severity: 'page',
      startsAt: at,
      endsAt: null,
      service,
      environment: 'demo',
      labels: {},
      annotations: {},
      link: null,
    },
    entries: [],
    notices: [],
    proposal: {
      runbook: 'restart-service',
      round: 1,
      steps: targets.map((target) => ({
        name: `on ${target}`,
        action: 'test.restart',
        actionClass: 'restart',
        target,
        says: `touch ${target}`,
        input: {},
        before: {},
        expected: {},
        irreversible: null,
        bounds: {},
      })),
      done: [],
      confirmations: [],
      because: [],
      planHash: 'ab'.repeat(32),
    },
    maxAgeMs: 900_000,
    resolved: false,
    nowMs: Date.now(),
  };
}

function wait(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

const queue = [...crowd.wishes];
const lanes = Array.from({ length: crowd.atOnce }, async () => {
  for (let wish = queue.shift(); wish !== undefined; wish = queue.shift()) await live(wish);
});
await Promise.all(lanes);
await db.destroy();
process.stdout.write(JSON.stringify(end satisfies CrowdEnd));
