/** One row of the inbox or one dead letter, whole. A body is shown as text where it is text; it may hold what others must not see. */
import { isUtf8 } from 'node:buffer';
import type { Db } from '../../../activities/store/db.js';
import { getInboxRow, getLetter } from '../../../activities/store/inbox-desk.js';
import type { DeadLetterRow, InboxRow } from '../../../activities/store/schema.js';
import type { Answer } from '../command.js';
import { refused } from '../complaint.js';
import type { EntryId } from '../inbox.js';
import { jsonLine } from '../terminal.js';
import { letterDocument, rowDocument } from './list.js';

/** Throws a refused complaint when there is none of this id. */
export async function showEntry(db: Db, { kind, id, name }: EntryId): Promise<Answer> {
  if (kind === 'row') {
    const row = await getInboxRow(db, id);
    if (row !== undefined) return rowAnswer(row);
  } else {
    const letter = await getLetter(db, id);
    if (letter !== undefined) return letterAnswer(letter);
  }
  throw refused(`there is no ${name} in the inbox`, 'belay inbox lists what there is');
}

function rowAnswer(row: InboxRow): Answer {
  const document = { ...rowDocument(row), content: row.alert };
  return { document, lines: () => [...fieldLines(rowDocument(row)), jsonLine(row.alert)] };
}

function letterAnswer(letter: DeadLetterRow): Answer {
  const { headers, body } = letter;
  const head = { ...letterDocument(letter), headers };
  const isText = isUtf8(body);
  const content = body.toString(isText ? 'utf8' : 'base64');
  return {
    document: { ...head, encoding: isText ? 'utf8' : 'base64', body: content },
    lines: () => [...fieldLines(head), isText ? content : `in base64: ${content}`],
  };
}

function fieldLines(fields: object): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    if (value === null || value === '') return [];
    return [`${name.padEnd(12)} ${typeof value === 'string' ? value : jsonLine(value)}`];
  });
}
