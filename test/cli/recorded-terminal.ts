/** A terminal for tests: gives the command line an environment and answers, and keeps everything that it says. */
import { runBelay } from '../../scripts/cli/program.js';
import { printable, type Terminal } from '../../scripts/cli/terminal.js';

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface Place {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** What a person types, question by question; without it nobody is there. */
  readonly answers?: readonly string[];
  readonly colours?: boolean;
  readonly ending?: AbortSignal;
}

/** Runs one command line in this process, as the program would, and answers what it said. */
export async function belay(args: readonly string[], place: Place = {}): Promise<Said> {
  const said = { out: '', err: '' };
  const answers = [...(place.answers ?? [])];
  const terminal: Terminal = {
    env: { BELAY_STATE_FOLDER: '/nowhere/belay', ...place.env },
    colours: place.colours === true,
    canAsk: place.answers !== undefined,
    out: (text) => void (said.out += `${printable(text)}\n`),
    err: (text) => void (said.err += `${printable(text)}\n`),
    readInput: () => Promise.resolve(Buffer.from(place.input ?? '')),
    ask: (question) => {
      said.out += `${question}\n`;
      return Promise.resolve(answers.shift() ?? '');
    },
    ending: place.ending ?? new AbortController().signal,
  };
  const exit = await runBelay(args, terminal);
  return { exit, ...said };
}

/** The one JSON document a command printed. */
export function documentOf({ out }: Said): Record<string, unknown> {
  return JSON.parse(out) as Record<string, unknown>;
}

/** Where nobody answers, for every server. */
export const nobody = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  DATABASE_URL: 'postgres://belay:secret-word@127.0.0.1:1/belay',
  BELAY_INTAKE_URL: 'http://127.0.0.1:1',
} as const;
