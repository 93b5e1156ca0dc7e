/** Reads a dead letter again with today's senders and brings its alerts to the inbox, where the intake finds them. */
import { senderOf } from '../../../activities/senders/index.js';
import type { Parsed } from '../../../activities/senders/index.js';
import type { Db } from '../../../activities/store/db.js';
import { getLetter, settleLetter } from '../../../activities/store/inbox-desk.js';
import { createInbox } from '../../../activities/store/inbox.js';
import type { DeadLetterRow } from '../../../activities/store/schema.js';
import type { Turning } from '../../../activities/store/switches.js';
import { refused } from '../complaint.js';
import type { EntryId } from '../inbox.js';

/**
 * What came of it, in a few words. The alerts are committed before the letter is settled: a crash between leaves a letter
 * whose replay is a repeat. Throws a refused complaint when it is still not understood; then nothing has changed.
 */
export async function replayLetter(
  db: Db,
  { id, name }: EntryId,
  { by, why }: Turning,
): Promise<string> {
  const letter = await getLetter(db, id);
  if (letter === undefined || letter.state === 'replayed') {
    throw refused(`${name} is not kept any more`, 'belay inbox lists what is');
  }
  const parsed = readAgain(letter);
  if (parsed.kind === 'wrong' || parsed.kind === 'unparsed') throw stillNot(name, parsed);
  const says = parsed.kind === 'nothing' ? `nothing to do: ${parsed.why}` : await add(db, parsed);
  await settleLetter(db, id, { state: 'replayed', by, why: `${why} (${says})` });
  return says;
}

function readAgain({ source, body, headers }: DeadLetterRow): Parsed {
  const sender = senderOf(source);
  if (sender !== undefined) return sender.parse(body, headers);
  return { kind: 'unparsed', why: `there is no sender ${source} any more` };
}

function stillNot(name: string, parsed: Extract<Parsed, { kind: 'wrong' | 'unparsed' }>): Error {
  const [problem] = parsed.kind === 'wrong' ? parsed.problems : [];
  const why = parsed.kind === 'unparsed' ? parsed.why : `${problem?.path} ${problem?.problem}`;
  return refused(`${name} is still not understood: ${why}`, 'teach its sender, or drop it');
}

async function add(db: Db, { alerts }: Extract<Parsed, { kind: 'alerts' }>): Promise<string> {
  const taken = await createInbox(db).add(alerts);
  const fresh = taken.filter(({ isNew }) => isNew).length;
  const known = taken.length - fresh;
  return `${fresh} alerts are in the inbox now${known > 0 ? `, ${known} were there before` : ''}`;
}
