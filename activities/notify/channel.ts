/** The shape of a way to reach people, and the log as the simplest of them. */
import type { Notice } from '../../workflows/domain/entry.js';

/** A notice as channels get it. */
export interface Letter extends Notice {
  /** The same over every attempt: receivers may drop what they have seen. */
  readonly id: string;
  readonly run: string;
  readonly createdAtMs: number;
}

export interface Channel {
  /** Stable: it is kept with the notice to know who has it already. */
  readonly name: string;
  /** Resolves once the receiver has it; throws with a sentence otherwise. Stops early when the signal fires. */
  deliver(letter: Letter, signal: AbortSignal): Promise<void>;
}

/** What is needed of a logger; pino has it. */
export interface Log {
  info(fields: object, says: string): void;
  warn(fields: object, says: string): void;
}

/** Writes each notice as one line; a page is a warning. */
export function logChannel(log: Log): Channel {
  return {
    name: 'log',
    deliver({ id, run, to, urgency, title, text }) {
      const fields = { notice: id.slice(0, 12), run, to, urgency, text };
      if (urgency === 'page') log.warn(fields, title);
      else log.info(fields, title);
      return Promise.resolve();
    },
  };
}
