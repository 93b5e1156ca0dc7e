/** Recorded histories replay on the code as it is now; an altered workflow must fail, or this would prove nothing. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { patches, type Patch } from '../../workflows/patches.js';
import { workflowTypeOf } from '../../workflows/runbook.js';
import { runbooks } from '../../runbooks/index.js';
import {
  bundleOf,
  catalogueEntry,
  payloadConverterPath,
  pathOf,
  storyEntry,
} from '../support/story/bundles.js';
import { recordedHistories, type RecordedHistory } from '../support/story/histories.js';
import { allStories } from '../support/story/shelf.js';
import { unproven } from './patch-proof.js';

const histories = recordedHistories();
const stories = await allStories();
const catalogue = runbooks.map(({ meta }) => workflowTypeOf(meta.name));
const alteredEntry = pathOf('test/replay/altered-workflows.ts');

function entryOfType(workflowType: string): string {
  return catalogue.includes(workflowType) ? catalogueEntry : storyEntry;
}

/** The error replay ended with, or undefined when the code took the same way as the history. */
async function replayed({ history, name }: RecordedHistory, entry: string): Promise<unknown> {
  const options = {
    workflowBundle: await bundleOf(entry),
    dataConverter: { payloadConverterPath },
  };
  const results = Worker.runReplayHistories(options, [{ workflowId: name, history }]);
  for await (const { error } of results) return error;
  throw new Error(`${name} was not replayed`);
}

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
});

describe('a recorded history', () => {
  test.each(histories.map((recorded) => [recorded.name, recorded] as const))(
    'of %s replays',
    async (_, recorded) => {
      expect(await replayed(recorded, entryOfType(recorded.workflowType))).toBeUndefined();
    },
  );

  test('exists for every released story; RECORD=1 with the stories on Temporal writes them', () => {
    const recorded = new Set(histories.map(({ name }) => name.split('.')[0]));
    const released = stories.filter(({ unreleased }) => !unreleased).map(({ name }) => name);
    expect(released.filter((name) => !recorded.has(name))).toEqual([]);
  });

  test('is complete and names the flags without which replay overlooks a changed activity', () => {
    for (const { name, events } of histories) {
      expect([name, events.at(-1)?.eventType]).toEqual([
        name,
        'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
      ]);
      const flags = events.flatMap(({ workflowTaskCompletedEventAttributes: completed }) => {
        return completed?.sdkMetadata?.coreUsedFlags ?? [];
      });
      expect([name, flags.toSorted()]).toEqual([name, [1, 2, 3]]);
    }
  });

  test('from before it exists for every patch', () => {
    expect(unproven(patches, histories)).toEqual([]);
  });
});

describe('a patch', () => {
  const [recorded] = histories;
  if (recorded === undefined) throw new Error('no history is recorded');
  const { version, name } = recorded;
  const patch: Patch = {
    id: 'asks-the-moon',
    what: 'asks the moon before it acts',
    why: 'the checker must be able to refuse',
    since: '99.0.0',
    removableFrom: '100.0.0',
    history: `${version}/${name}`,
  };
  const marked: RecordedHistory = {
    ...recorded,
    events: [
      ...recorded.events,
      {
        eventType: 'EVENT_TYPE_MARKER_RECORDED',
        markerRecordedEventAttributes: {
          markerName: 'core_patch',
          details: { 'patch-data': { payloads: [{ data: btoa(JSON.stringify(patch)) }] } },
        },
      },
    ],
  };

  test('is proven by a history that was recorded before it', () => {
    expect(unproven([patch], histories)).toEqual([]);
  });

  test.each([
    ['names no history that exists', { history: `${version}/nowhere` }, [recorded]],
    ['names a history without its version', { history: name }, [recorded]],
    ['is older than the history it names', { since: '0.0.9' }, [recorded]],
    ['is in the history it names already', {}, [marked]],
  ])('is not proven when it %s', (_, over, corpus) => {
    expect(unproven([{ ...patch, ...over }], corpus)).toHaveLength(1);
  });
});

describe('an altered workflow', () => {
  test.each([
    ['healed-alone', 'observes once more'],
    ['approved-late', 'leaves its step out'],
    ['second-step-fails', 'leaves its first step out'],
  ])('does not replay %s when it %s', async (name) => {
    const recorded = histories.find((history) => history.name === name);
    if (recorded === undefined) throw new Error(`no history of ${name} is recorded`);
    const error = await replayed(recorded, alteredEntry);
    expect(['DeterminismViolationError', 'ReplayError']).toContain((error as Error).name);
  });
});
