/**
 * Recorded histories, a folder per released version: what replay must be able to read for ever.
 * RECORD=1 writes those of the version in package.json anew; RECORD=<folder> those of another folder, as is needed for a patch
 * within a version: what was recorded before the patch must stay.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Report } from '../../../workflows/progress.js';
import { pathOf } from './bundles.js';

export const historiesFolder = pathOf('test/replay/histories');

export interface RecordedHistory {
  /** The version it was recorded with. */
  readonly version: string;
  /** The story, with the run's number where it has several. */
  readonly name: string;
  readonly workflowType: string;
  readonly events: readonly RecordedEvent[];
  /** As replay takes it. */
  readonly history: unknown;
}

export interface RecordedEvent {
  readonly eventType: string;
  readonly workflowExecutionStartedEventAttributes?: {
    readonly workflowType: { readonly name: string };
  };
  readonly workflowTaskCompletedEventAttributes?: {
    readonly sdkMetadata?: { readonly langUsedFlags?: number[]; readonly coreUsedFlags?: number[] };
  };
  readonly markerRecordedEventAttributes?: {
    readonly markerName: string;
    readonly details?: Readonly<
      Record<string, { readonly payloads?: readonly { readonly data: string }[] }>
    >;
  };
}

/** The version that histories are recorded for; undefined when none are to be. */
function versionToRecord(): string | undefined {
  const asked = process.env['RECORD'];
  if (asked !== '1') return asked;
  const { version } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** Does nothing unless RECORD is set. No path of the machine it was recorded on gets into the file. */
export async function recordHistories(
  client: Client,
  { story, reports }: { story: string; reports: readonly Report[] },
): Promise<void> {
  const version = versionToRecord();
  if (version === undefined) return;
  const folder = join(historiesFolder, version);
  mkdirSync(folder, { recursive: true });
  for (const [index, { run }] of reports.entries()) {
    const history = await client.workflow.getHandle(run).fetchHistory();
    const name = reports.length === 1 ? story : `${story}.${index + 1}`;
    const text = JSON.stringify(JSON.parse(historyToJSON(history)));
    writeFileSync(join(folder, `${name}.json`), text.replaceAll(pathOf(''), ''));
  }
}

/** Every recorded history of every version, by version and name. */
export function recordedHistories(): RecordedHistory[] {
  if (!existsSync(historiesFolder)) return [];
  const folders = readdirSync(historiesFolder, { withFileTypes: true });
  const versions = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return versions.toSorted().flatMap(historiesOf);
}

function historiesOf(version: string): RecordedHistory[] {
  const folder = join(historiesFolder, version);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.toSorted().map((file) => {
    const history: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const { events } = history as { events: RecordedEvent[] };
    const started = events[0]?.workflowExecutionStartedEventAttributes;
    const workflowType = started?.workflowType.name ?? '';
    return { version, name: file.slice(0, -'.json'.length), workflowType, events, history };
  });
}
