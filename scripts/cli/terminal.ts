/**
 * The command line's only way to people and other programs: what it prints, reads and asks.
 * Text from alerts is hostile: no control character of it reaches a terminal, wherever it was printed from.
 */
import { createInterface } from 'node:readline/promises';
import { misused } from './complaint.js';

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A person looks at the output: colour makes sense. */
  readonly colours: boolean;
  /** A person is there to answer a question. */
  readonly canAsk: boolean;
  /** Writes lines; a line break is added. */
  out(text: string): void;
  err(text: string): void;
  /** Everything that is piped in, up to `bytesMax`. */
  readInput(bytesMax: number): Promise<Buffer>;
  ask(question: string): Promise<string>;
  /** Aborts when a person or the system wants the command to end. */
  readonly ending: AbortSignal;
}

/** SGR codes; the only escape sequences that are let through. */
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof codes;

export type Paint = (colour: Colour, text: string) => string;

export function paintOf({ colours }: Pick<Terminal, 'colours'>): Paint {
  if (!colours) return (_colour, text) => text;
  return (colour, text) => (text === '' ? '' : `\u001b[${codes[colour]}m${text}\u001b[0m`);
}

/** Our colours, control characters, and those that turn the direction of writing. */
const unprintable =
  /\p{Cc}\[(?:0|1|2|31|32|33|36)m|\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const allowed = ['\u001b', '\n', '\t'];

/** The text with nothing in it that could move a cursor, ring a bell or hide a word. */
export function printable(text: string): string {
  return text.replace(unprintable, (found) => {
    const first = found.charAt(0);
    const harmless = allowed.includes(first) && (first !== '\u001b' || found.length > 1);
    return harmless ? found : `\ufffd${found.slice(1)}`;
  });
}

/** JSON on one line, safe to print: what `printable` would replace is escaped, so that nothing of it is lost. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The real one. */
export function terminalOf(process: NodeJS.Process): Terminal {
  const ending = new AbortController();
  const watched = { on: false };
  process.stdout.on('error', endQuietly);
  return {
    env: process.env,
    colours: process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
    canAsk: process.stdin.isTTY && process.stdout.isTTY,
    out: (text) => void process.stdout.write(`${printable(text)}\n`),
    err: (text) => void process.stderr.write(`${printable(text)}\n`),
    readInput: (bytesMax) => readAll(process.stdin, bytesMax),
    ask: (question) => ask(process, question),
    get ending() {
      if (!watched.on) listenForTheEnd(process, ending);
      watched.on = true;
      return ending.signal;
    },
  };
}

/** Whoever read our output has seen enough, as `belay runs | head` has. */
function endQuietly(error: Error): void {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  throw error;
}

/** Only once somebody asks for it: until then a Ctrl-C ends the process as usual. */
function listenForTheEnd(process: NodeJS.Process, ending: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ending.abort();
    });
  }
}

async function readAll(input: NodeJS.ReadStream, bytesMax: number): Promise<Buffer> {
  if (input.isTTY) throw misused('nothing is piped in', 'give a file, or pipe one in');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw misused(`more than ${bytesMax} bytes are piped in`, 'send less');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function ask(process: NodeJS.Process, question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
