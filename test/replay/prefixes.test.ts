/**
 * A worker may die after any event: every beginning of every recorded history replays on the code as it is now, and on an
 * altered workflow the beginnings that hold its alteration do not. BELAY_LONG=1 cuts after every event of every history.
 */
import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { runbooks } from '../../runbooks/index.js';
import { workflowTypeOf } from '../../workflows/runbook.js';
import {
  bundleOf,
  catalogueEntry,
  payloadConverterPath,
  pathOf,
  storyEntry,
} from '../support/story/bundles.js';
import { recordedHistories, type RecordedHistory } from '../support/story/histories.js';

const histories = recordedHistories();
const catalogue = runbooks.map(({ meta }) => workflowTypeOf(meta.name));
const alteredEntry = pathOf('test/replay/altered-workflows.ts');

const isLong = process.env['BELAY_LONG'] === '1';
const seed = Number(process.env['BELAY_SEED'] ?? randomInt(1000));

/** Before its first task was started a history gives a worker nothing to do. */
const firstCut = 3;
/** A waiting run repeats itself, and each cut costs what came before it: of what follows these events some cuts must do. */
const everyCutUntil = 60;
const laterCuts = 6;
/** One beginning takes 0.2 s at most; then replay hangs, and whoever reads this wants to know where. */
const hangsAfterMs = 30_000;

interface Beginning {
  readonly workflowId: string;
  readonly history: unknown;
  readonly length: number;
  readonly lastEvent: string;
}

/** A server writes a task's end and its commands at once, so no worker is ever given a history that ends among them. */
function isHeld({ events }: RecordedHistory, length: number): boolean {
  const next = Object.values(events[length] ?? {});
  return !next.some((attributes: unknown) => {
    return (
      typeof attributes === 'object' &&
      attributes !== null &&
      'workflowTaskCompletedEventId' in attributes
    );
  });
}

function cutsOf(recorded: RecordedHistory): number[] {
  const all = recorded.events.map((_, index) => index + 1).filter((cut) => cut >= firstCut);
  if (isLong) return all;
  const held = all.filter((cut) => isHeld(recorded, cut));
  const later = held.filter((cut) => cut > everyCutUntil);
  const stride = Math.max(1, Math.ceil(later.length / laterCuts));
  const some = later.filter((_, index) => index % stride === seed % stride);
  const whole = recorded.events.length;
  return [...new Set([...held.filter((cut) => cut <= everyCutUntil), ...some, whole])];
}

function beginningsOf(recorded: RecordedHistory): Beginning[] {
  const { version, name, events } = recorded;
  return cutsOf(recorded).map((length) => ({
    workflowId: `${version}/${name} cut after event ${length}`,
    history: { events: events.slice(0, length) },
    length,
    lastEvent: events[length - 1]?.eventType ?? 'none',
  }));
}

/** Those that do not replay, with what replay said. One worker replays all. */
async function failing(
  beginnings: readonly Beginning[],
  entry: string,
): Promise<(Beginning & { error: Error })[]> {
  const options = {
    workflowBundle: await bundleOf(entry),
    dataConverter: { payloadConverterPath },
  };
  const results = Worker.runReplayHistories(options, beginnings);
  const failed: (Beginning & { error: Error })[] = [];
  for (const beginning of beginnings) {
    const { value } = await inTime(results.next(), beginning);
    const error: unknown = value?.error;
    if (value?.workflowId !== beginning.workflowId) throw new Error('replay lost its place');
    if (error instanceof Error) failed.push({ ...beginning, error });
  }
  await results.return?.();
  return failed;
}

async function inTime<Result>(work: Promise<Result>, { workflowId }: Beginning): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${workflowId} hangs`));
    }, hangsAfterMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

beforeAll(() => {
  // The core warns of every cut inside a task, where it asks for activities that a replay does not have.
  const logging = { filter: 'OFF', forward: {} };
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging },
  });
});

describe('after any event another worker can take over', () => {
  test.each([
    ['the catalogue', catalogueEntry],
    ['the stories', storyEntry],
  ])(
    'the beginnings of every history of %s replay',
    async (whose, entry) => {
      const mine = histories.filter(({ workflowType }) => {
        return catalogue.includes(workflowType) === (entry === catalogueEntry);
      });
      const beginnings = mine.flatMap(beginningsOf);
      expect(beginnings.length).toBeGreaterThan(10 * mine.length);
      const failed = await failing(beginnings, entry);
      say(`${whose}: ${beginnings.length} beginnings of ${mine.length} histories, seed ${seed}`);
      const where = failed.map(({ workflowId, lastEvent, error }) => {
        return `${workflowId} (${lastEvent}): ${error.message}`;
      });
      expect(where).toEqual([]);
    },
    isLong ? 3_600_000 : 600_000,
  );
});

describe('an altered workflow', () => {
  test.each([
    ['healed-alone', 'observes once more'],
    ['approved-late', 'leaves its step out'],
    ['second-step-fails', 'leaves its first step out'],
  ])('replays %s up to where it %s, and no longer beginning', async (name) => {
    const recorded = histories.find((history) => history.name === name);
    if (recorded === undefined) throw new Error(`no history of ${name} is recorded`);
    const beginnings = beginningsOf(recorded);
    const failed = await failing(beginnings, alteredEntry);
    const from = failed[0]?.length ?? Infinity;
    expect(failed.map(({ length }) => length)).toEqual(
      beginnings.map(({ length }) => length).filter((length) => length >= from),
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(new Set(failed.map(({ error }) => error.name)).size).toBe(1);
    expect(['DeterminismViolationError', 'ReplayError']).toContain(failed[0]?.error.name);
  });
});
