/** The oracle bites: with one defence taken away some law breaks, and the story says which. */
import { describe, expect, test } from '@jest/globals';
import type { CallFunction } from '../../activities/effects.js';
import { judge } from '../../activities/store/judgement.js';
import { known } from '../../workflows/domain/verdict.js';
import type { JudgeInput, RecordInput } from '../../workflows/store.js';
import { defineRunbook } from '../../workflows/runbook.js';
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { harness } from '../unwind/harness.js';
import { playCase, type CaseOptions, type Weakened } from './case.js';
import type { Fault, FaultName } from './fault.js';
import { scenariosOf, type Scenario } from './scenario.js';
import { shrunk, storyOf } from './story.js';

const tuning = harness['tune-retries'];
if (tuning === undefined) throw new Error('the harness of tune-retries is gone');
const scenarios = scenariosOf({ runbook: tuneRetries, harness: tuning });

function scenarioNamed(what: string): Scenario {
  const found = scenarios.find(({ name }) => name.endsWith(what));
  if (found === undefined) throw new Error(`no scenario ${what}`);
  return found;
}

/** The fault at the first place whose key has this text, as a clean run comes to it. */
async function faultAt(scenario: Scenario, text: string, name: FaultName): Promise<Fault> {
  const { sites } = await playCase({ scenario });
  const site = sites.find(({ key }) => key.includes(text));
  if (site === undefined) throw new Error(`no place ${text}`);
  return { site, name };
}

async function brokenWith(weakened: Weakened, what = 'helps', faults: readonly Fault[] = []) {
  const { broken } = await playCase({ scenario: scenarioNamed(what), faults, weakened });
  return broken.join('\n');
}

/** Neither the gate nor the claim sees a stop. */
const switchIgnored: Weakened = {
  judge: (input, heard) => {
    return judge(input, { ...heard, stored: { ...heard.stored, stops: known([]) } });
  },
  claims: 'ask no switch',
};

type Wrap = (call: CallFunction) => CallFunction;

function wrapping(name: string, wrap: Wrap): Weakened {
  return {
    calls: (calls) => {
      const call = calls.get(name);
      if (call !== undefined) calls.set(name, wrap(call));
    },
  };
}

describe('the oracle', () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'is content with a run in which nothing goes wrong: %s',
    async (_, scenario) => {
      expect((await playCase({ scenario })).broken).toEqual([]);
    },
  );

  test('sees a store that admits without leases', async () => {
    const weakened: Weakened = {
      calls: (calls) => {
        const admit = calls.get('store.admit');
        const record = calls.get('store.record');
        calls.set('store.admit', async (input: JudgeInput, context) => {
          const judged = await admit?.(input as never, context);
          const ref = { ...input, entries: [], notices: [], release: true };
          await record?.(ref as never, context);
          return judged;
        });
      },
    };
    expect(await brokenWith(weakened)).toContain('no lease on setting:shop/retries');
  });

  test('sees an adapter that applies twice', async () => {
    const weakened: Weakened = {
      calls: (calls, { world }) => {
        const apply = calls.get('setting.change.apply');
        calls.set('setting.change.apply', async (input: { operationId: string }, context) => {
          const output = await apply?.(input as never, context);
          world.effects.push({ operationId: input.operationId, part: 'apply', what: 'again' });
          return output;
        });
      },
    };
    expect(await brokenWith(weakened)).toContain('took effect twice');
  });

  test('sees an intent that was not written', async () => {
    const weakened = wrapping('store.admit', (admit) => (input: JudgeInput, context) => {
      return admit({ ...input, onceIn: { entries: [], notices: [] } } as never, context);
    });
    expect(await brokenWith(weakened)).toContain('took effect without an intent before it');
  });

  test('sees a gate that lets a stopped run in', async () => {
    const stop = await faultAt(scenarioNamed('helps'), 'store.admit', 'stop-everything');
    const broken = await brokenWith(switchIgnored, 'helps', [stop]);
    expect(broken).toContain('was let in while a stop was on');
  });

  test('sees an effect that is begun under a stop that came after its admission', async () => {
    const stop = await faultAt(scenarioNamed('helps'), 'setting.change.apply', 'stop-everything');
    const broken = await brokenWith({ claims: 'ask no switch' }, 'helps', [stop]);
    expect(broken).toContain('acted while a stop was on');
  });

  test('is content when one of the two that ask for the switch does', async () => {
    const stop = await faultAt(scenarioNamed('helps'), 'store.admit', 'stop-everything');
    const { judge: blind = judge } = switchIgnored;
    expect(await brokenWith({ judge: blind }, 'helps', [stop])).toBe('');
    expect(await brokenWith({ claims: 'ask no switch' }, 'helps', [stop])).toBe('');
  });

  test('sees a run that acts on fewer yeses than policy asks for', async () => {
    const weakened: Weakened = { judge: (input, heard) => judge(withoutTerms(input), heard) };
    const asks = await faultAt(scenarioNamed('helps'), 'store.admit', 'policy-asks');
    expect(await brokenWith(weakened, 'helps', [asks])).toContain('acted on 0 of 2 yeses');
  });

  test('sees a page that was never written', async () => {
    const weakened = wrapping('store.record', (record) => (input: RecordInput, context) => {
      return record({ ...input, notices: [] } as never, context);
    });
    expect(await brokenWith(weakened, 'helps not')).toContain('undone, and nobody was paged');
  });

  test('sees a runbook that does not do the same when it is played again', async () => {
    let turns = 0;
    const fickle = defineRunbook(tuneRetries.meta, async (run, alert) => {
      turns += 1;
      run.because(`turn ${turns}`);
      await tuneRetries.body(run, alert);
    });
    const scenario = { ...scenarioNamed('helps'), runbook: fickle };
    const { broken } = await playCase({ scenario });
    expect(broken.join('\n')).toMatch(/command \d+ was .* and is /);
  });

  test('notices a fault that is never met', async () => {
    const scenario = scenarioNamed('helps');
    const undo = await faultAt(scenarioNamed('helps not'), 'undo', 'says-no');
    const { missed } = await playCase({ scenario, faults: [undo] });
    expect(missed).toEqual([undo]);
  });
});

describe('a case that breaks a law', () => {
  test('shrinks to the fault that breaks it and is told with its seed, its faults and its law', async () => {
    const scenario = scenarioNamed('helps');
    const weakened = switchIgnored;
    const faults = [
      await faultAt(scenario, 'setting.read', 'error-once'),
      await faultAt(scenario, 'store.admit', 'stop-everything'),
    ];
    const options: CaseOptions = { scenario, faults, weakened };
    expect((await shrunk(options)).faults).toEqual([faults[1]]);
    const story = await storyOf(options, 7);
    expect(story).toContain('seed 7; tune-retries, helps');
    expect(story).toContain('a person stops everything (K11 stop-everything)');
    expect(story).toMatch(/ends {3}resolved/);
    expect(story).toContain('was let in while a stop was on');
  });
});

function withoutTerms({ agreed: _, ...input }: JudgeInput): JudgeInput {
  return input;
}
