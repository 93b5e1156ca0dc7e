/** Alerts from a file or from what is piped in: a sender's own body, or normalised ones as `belay parse` prints them. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { senderOf, senders, type Parsed, type Problem } from '../../activities/senders/index.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { instantMs } from '../../workflows/domain/time.js';
import { misused, refused } from './complaint.js';
import { reasonOf } from './reason.js';
import type { Terminal } from './terminal.js';

/** The intake takes no more either. */
const bytesMax = 1024 * 1024;

export const sourceNames = senders.map(({ source }) => source);

export interface AlertFile {
  /** Undefined and `-` mean what is piped in. */
  readonly file: string | undefined;
  readonly source: string;
}

/** Throws a complaint that names the file and what is wrong with it. */
export async function readBody(
  terminal: Pick<Terminal, 'readInput'>,
  file: string | undefined,
): Promise<Buffer> {
  if (file === undefined || file === '-') return terminal.readInput(bytesMax);
  try {
    const { size } = await stat(file);
    if (size <= bytesMax) return await readFile(file);
  } catch (error) {
    throw misused(`${file} cannot be read (${reasonOf(error)})`, 'give a file that can be read');
  }
  throw misused(`${file} holds more than ${bytesMax} bytes`, 'give a smaller file');
}

export function nameOf({ file }: Pick<AlertFile, 'file'>): string {
  return file === undefined || file === '-' ? 'the input' : file;
}

export type Understood = Extract<Parsed, { kind: 'alerts' | 'nothing' }>;

/** As the sender sent it. Throws a complaint when it is not understood, or wrong. */
export function understood(body: Buffer, from: AlertFile): Understood {
  const sender = senderOf(from.source);
  if (sender === undefined) {
    throw misused(`there is no source "${from.source}"`, `give one of ${sourceNames.join(', ')}`);
  }
  const parsed = sender.parse(body);
  if (parsed.kind === 'alerts' || parsed.kind === 'nothing') return parsed;
  if (parsed.kind === 'unparsed') {
    throw refused(
      `${nameOf(from)} is not understood: ${parsed.why}`,
      `the intake would keep it, answer 422, and list it in belay inbox${hintOf(from)}`,
    );
  }
  const [first] = parsed.problems;
  const rest = parsed.problems.length - 1;
  throw refused(
    `${nameOf(from)}: ${first === undefined ? 'it is wrong' : problemText(first)}`,
    `${first?.fix ?? 'send what the sender sends'}${rest > 0 ? ` (and ${rest} more)` : ''}`,
  );
}

function problemText({ path, problem }: Problem): string {
  return path === '' ? problem : `${path}: ${problem}`;
}

const texts = z.record(z.string(), z.string());
const alertShape = z.strictObject({
  source: z.string().min(1),
  fingerprint: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  name: z.string().min(1),
  status: z.enum(['firing', 'resolved']),
  severity: z.string(),
  startsAt: z.string().refine((text) => instantMs(text) !== undefined, 'is no RFC 3339 instant'),
  endsAt: z.string().nullable(),
  service: z.string(),
  environment: z.string(),
  labels: texts,
  annotations: texts,
  link: z.string().nullable(),
});

/** What people can change themselves about a body that is not understood. */
function hintOf({ source }: AlertFile): string {
  return source === 'generic' ? '; declare a mapping for it there' : '';
}

/** At least one alert. Throws a complaint that says what the sender means, when nothing in it begins or ends an episode. */
export async function readAlerts(
  terminal: Pick<Terminal, 'readInput'>,
  from: AlertFile,
): Promise<readonly Alert[]> {
  const read = await readEither(terminal, from);
  if (read.kind === 'alerts') return read.alerts;
  throw refused(
    `${nameOf(from)} holds no alert: ${read.why}`,
    'give one that begins or ends something',
  );
}

/** Either form; which one it is, its first line says. */
export async function readEither(
  terminal: Pick<Terminal, 'readInput'>,
  from: AlertFile,
): Promise<Understood> {
  const body = await readBody(terminal, from.file);
  const lines = body
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const [first] = lines;
  if (first === undefined || !isNormalised(first)) return understood(body, from);
  const alerts = lines.map((line, index) => alertIn(line, `${nameOf(from)}:${index + 1}`));
  return { kind: 'alerts', alerts, truncated: 0 };
}

function isNormalised(line: string): boolean {
  const value = jsonIn(line);
  return typeof value === 'object' && value !== null && 'fingerprint' in value && 'name' in value;
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function alertIn(line: string, place: string): Alert {
  const parsed = alertShape.safeParse(jsonIn(line));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`;
  throw refused(`${place}: ${where}`, 'give alerts as belay parse prints them');
}
