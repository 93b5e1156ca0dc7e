/**
 * The ledger's lines as COPY streams them, which takes less time than a JSON text of each. A line that is not sure to come out as
 * `readLine` of leaf.ts reads it is read by that. Changes nothing.
 */
import { sql } from 'kysely';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { seconds } from '../../workflows/domain/time.js';
import type { Db } from '../store/db.js';
import { columnOf, instantIn, type Column } from './copied-column.js';
import { lineJson, readLine, type LedgerLine } from './leaf.js';
import { leafHash } from './merkle.js';

/** All lines by number, as the transaction of `db` sees them, over another connection to the database at `url`. */
export async function* copiedLines(db: Db, url: string): AsyncGenerator<readonly LedgerLine[]> {
  const columns = await columnsOf(db);
  const { rows } = await sql<{ snapshot: string }>`
    SELECT pg_export_snapshot() AS snapshot`.execute(db);
  const client = new pg.Client({
    connectionString: url,
    application_name: 'belay-audit',
    connectionTimeoutMillis: seconds(5),
    keepAlive: true,
  });
  client.on('error', () => undefined); // who reads hears of it from the stream
  await client.connect();
  try {
    await lookFrom(client, rows[0]?.snapshot ?? '');
    const names = columns.map(({ name }) => client.escapeIdentifier(name)).join(', ');
    const copying = client.query(
      copyTo(`COPY (SELECT ${names} FROM ledger ORDER BY seq) TO STDOUT`),
    );
    const reader = new LineReader(columns);
    for await (const text of wholeRows(copying)) {
      const lines: LedgerLine[] = [];
      for (const row of text.split('\n')) {
        const read = reader.read(row);
        lines.push(typeof read === 'object' ? read : await readByJson(db, read));
      }
      yield lines;
    }
  } finally {
    await client.end();
  }
}

/** A whole ledger takes longer than any other statement may, and sorting it would fill the disk: its index is in order. */
async function lookFrom(client: pg.Client, snapshot: string): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(`SET TRANSACTION SNAPSHOT ${client.escapeLiteral(snapshot)}`);
  const settings = {
    statement_timeout: '0',
    enable_sort: 'off',
    TimeZone: 'UTC',
    DateStyle: 'ISO',
  };
  for (const [name, value] of Object.entries(settings))
    await client.query('SELECT set_config($1, $2, true)', [name, value]);
}

/** In the order of the leaf. A column of a type that nobody knows here is in each line that has a value in it. */
async function columnsOf(db: Db): Promise<Column[]> {
  const { rows } = await sql<{ name: string; type: string }>`
    SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
    WHERE attrelid = 'ledger'::regclass AND attnum > 0 AND NOT attisdropped`.execute(db);
  return rows
    .map(({ name, type }) => columnOf(name, type))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Chunks end anywhere; a line feed ends a row and nothing else does. */
async function* wholeRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineFeed);
    if (end === -1) {
      begun.push(chunk);
      continue;
    }
    yield Buffer.concat([...begun, chunk.subarray(0, end)]).toString();
    begun = end + 1 === chunk.length ? [] : [chunk.subarray(end + 1)];
  }
}

const lineFeed = 0x0a;

/** More than one line has a number only when somebody falsified it, which is told of all but the first. */
async function readByJson(db: Db, seq: string): Promise<LedgerLine> {
  const { rows } = await sql<{ text: string }>`
    SELECT ${lineJson} AS text FROM ledger AS line WHERE seq = ${seq} LIMIT 1`.execute(db);
  return readLine(rows[0]?.text ?? '{}');
}

/** What COPY writes where there is no value. */
const noneText = '\\N';
/** A backslash that begins anything else. */
const escaped = /\\[^N]/;
const escapes = /\\(.)/gs;
const meant: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

type Field = string | undefined;

/** The fields of a row, and what stands for none among them: a text of a backslash and an N is a value like any other. */
function fieldsOf(row: string): { readonly fields: readonly Field[]; readonly none: Field } {
  const fields = row.split('\t');
  if (!escaped.test(row)) return { fields, none: noneText };
  return { fields: fields.map(unescaped), none: undefined };
}

function unescaped(field: string): Field {
  if (field === noneText) return undefined;
  return field.replace(escapes, (_, letter: string) => meant[letter] ?? letter);
}

interface Places {
  readonly seq: number;
  readonly id: number;
  readonly run: number;
  readonly kind: number;
  readonly says: number;
  readonly recorded: number;
}

function placesIn(columns: readonly Column[]): Places {
  const place = (wanted: string): number => columns.findIndex(({ name }) => name === wanted);
  return {
    seq: place('seq'),
    id: place('id'),
    run: place('run'),
    kind: place('kind'),
    says: place('says'),
    recorded: place('recorded_at'),
  };
}

class LineReader {
  private readonly places: Places;

  constructor(private readonly columns: readonly Column[]) {
    this.places = placesIn(columns);
  }

  /** The line, or its number when it is to be read otherwise. */
  read(row: string): LedgerLine | string {
    const { fields, none } = fieldsOf(row);
    const { seq, id, run, kind, says, recorded } = this.places;
    const leaf = this.leafOf(fields, none);
    if (leaf === undefined) return fields[seq] ?? '';
    return {
      seq: Number(fields[seq]),
      id: fields[id] ?? '',
      run: fields[run] === none ? undefined : fields[run],
      kind: fields[kind] ?? '',
      says: fields[says] ?? '',
      recordedAtMs: Date.parse(instantIn(fields[recorded] ?? '') ?? ''),
      leaf,
      hash: leafHash(leaf),
    };
  }

  /** Undefined when a column is not sure of what it hashes. */
  private leafOf(fields: readonly Field[], none: Field): string | undefined {
    const { columns } = this;
    let text = '';
    for (let at = 0; at < columns.length; at += 1) {
      const [column, field] = [columns[at], fields[at]];
      if (column === undefined || field === undefined || field === none) continue;
      const hashed = column.hashed(field);
      if (hashed === undefined) return undefined;
      text += (text === '' ? '{' : ',') + column.quoted + hashed;
    }
    return `${text}}`;
  }
}
