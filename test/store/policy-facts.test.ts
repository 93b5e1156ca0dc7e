/** What the store and the guards know reaches policy as its facts; what they do not know stays unknown, with the reason. */
import { describe, expect, test } from '@jest/globals';
import { fleetSchema } from '../../activities/guards/fleet.js';
import { defaultRules } from '../../activities/guards/rules.js';
import { createGuardsOf } from '../../activities/guards/source.js';
import { askedOf } from '../../activities/store/facts.js';
import { guardFactsOf } from '../../activities/store/guards/guard-facts.js';
import { emptyReading, type GuardReading } from '../../activities/store/guards/reading.js';
import { policyFactsOf } from '../../activities/store/policy-facts.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { ErrorBudgetFact } from '../../workflows/gates/guard-facts.js';
import { judging } from './contract/fixture.js';

interface Situation {
  readonly reading?: Known<GuardReading>;
  readonly errorBudget?: Known<ErrorBudgetFact | null>;
  readonly shop?: object;
}

const full = { zone: 'eu-1', instances: 4, minHealthy: 2 };

async function factsWhen({ reading = known(emptyReading), errorBudget, shop = full }: Situation) {
  const input = judging('r1', ['process:h/shop']);
  const fleet = fleetSchema.parse({ version: 1, services: { shop } });
  const guards = createGuardsOf({ rules: defaultRules, fleet });
  const terms = await guards.ask({ service: 'shop', scopes: [], nowMs: input.nowMs });
  const asked = askedOf(input, terms);
  const counted = guardFactsOf(input, { wanted: asked.wanted, reading });
  return policyFactsOf(asked, {
    ...{ stops: known([]), quarantined: known([]), leases: known([]), ceilings: known([]) },
    guards: { ...counted, ...(errorBudget === undefined ? {} : { errorBudget }) },
  });
}

describe('the facts of policy', () => {
  test('are what was counted: repairs, and the share of the service that is touched', async () => {
    const reading = known({
      ...emptyReading,
      recoveries: 2,
      unhealthy: 1,
      held: { 'service:shop': { runs: 1, targets: 1 } },
    });
    expect(await factsWhen({ reading })).toMatchObject({
      stopped: known(false),
      frozen: known(false),
      recurrence: known(2),
      targetShare: known(50),
      healthyAfter: known(25),
    });
  });

  test('are unknown, with the reason, where nobody counts', async () => {
    const facts = await factsWhen({ shop: { zone: 'eu-1' } });
    expect(facts).toMatchObject({
      errorBudget: { known: false, why: 'guards.yaml has no error budget of it' },
      targetShare: { known: false, why: 'fleet.yaml does not say how many shop has' },
      healthyAfter: { known: false, why: 'fleet.yaml does not say how many shop has' },
    });
    const one = await factsWhen({ shop: { instances: 1 } });
    expect(one.healthyAfter).toEqual({ known: false, why: 'there is only one of shop' });
  });

  test('are unknown where the store could not be read', async () => {
    const facts = await factsWhen({ reading: { known: false, why: 'away' } });
    expect(facts.recurrence).toEqual({ known: false, why: 'away' });
    expect(facts.targetShare).toEqual({ known: false, why: 'away' });
  });

  test('take an overdrawn budget for a spent one, and an old figure for none', async () => {
    const budget = (left: number, ageMs = 0) =>
      factsWhen({ errorBudget: known({ left, leftMin: 0.1, ageMs, ageMsMax: 1000 }) });
    expect((await budget(-0.2)).errorBudget).toEqual(known(0));
    expect((await budget(0.009)).errorBudget).toEqual(known(0));
    expect((await budget(0.6)).errorBudget).toEqual(known(60));
    expect((await budget(0.6, 1001)).errorBudget).toMatchObject({ known: false });
  });
});
