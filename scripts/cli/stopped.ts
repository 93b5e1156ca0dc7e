/** What is stopped, by whom, why and since when, as lines for people: for `belay status` and above the list of runs. Turns nothing. */
import type { Db } from '../../activities/store/db.js';
import { listResumeRequests, listSwitches } from '../../activities/store/read.js';
import type { ResumeRequestRow, SwitchRow } from '../../activities/store/schema.js';
import { readStopFile, stopFileIn, type FileOrders } from '../../activities/store/stop-file.js';
import { durationText } from '../../workflows/domain/time.js';
import { stateFolderOf } from './addresses.js';
import type { Paint, Terminal } from './terminal.js';

export interface Stopped {
  readonly switches: readonly SwitchRow[];
  readonly requests: readonly ResumeRequestRow[];
  /** Of the file on this machine; another worker's may stand on another. */
  readonly file: FileOrders;
}

export async function readStopped(db: Db, terminal: Pick<Terminal, 'env'>): Promise<Stopped> {
  const [switches, requests, file] = await Promise.all([
    listSwitches(db),
    listResumeRequests(db),
    readStopFile(stopFileOf(terminal)),
  ]);
  return { switches, requests, file: file.filter(isThere) };
}

/** This command may run where no worker is: a folder that is missing here stops nobody. */
function isThere({ why }: FileOrders[number]): boolean {
  return !why.includes('ENOENT');
}

function stopFileOf({ env }: Pick<Terminal, 'env'>): string {
  return env['BELAY_STOP_FILE'] || stopFileIn(stateFolderOf({ env }));
}

/** None when nothing is stopped. */
export function stoppedLines({ switches, requests, file }: Stopped, paint: Paint): string[] {
  const nowMs = Date.now();
  const turned = switches.flatMap(({ scope, by, why, at }) => {
    const since = durationText(nowMs - at.getTime());
    const asked = requests.filter((request) => request.scope === scope);
    const people = asked.map(({ person }) => person).join(', ');
    return [
      paint('yellow', `stopped: ${scope} by ${by}, ${since} ago: ${why}`),
      ...(asked.length === 0 ? [] : [`  ${people} asked to resume it`]),
    ];
  });
  const filed = file.map(({ scope, why }) => paint('yellow', `stopped here: ${scope}: ${why}`));
  return [...turned, ...filed];
}

/** For programs. */
export function stoppedDocument({ switches, requests, file }: Stopped): object {
  return {
    stopped: switches.map(({ scope, by, why, at }) => ({ scope, by, why, at: at.toISOString() })),
    resumeAsked: requests.map(({ scope, person, why, at }) => {
      return { scope, by: person, why, at: at.toISOString() };
    }),
    file,
  };
}
