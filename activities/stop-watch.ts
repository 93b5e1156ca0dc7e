/**
 * What an effect under way hears of the switch: whether a stop covers it by now, and a signal when that changes. Reads nothing
 * by itself: what is stopped it is told.
 */
import { Failure } from '../workflows/domain/failure.js';

/** Why an effect must not go on. */
export interface StopWord {
  readonly why: string;
  /** False when nobody said stop, but what is stopped could not be read: another attempt may learn more. */
  readonly isRead: boolean;
}

/** What is stopped, as this process knows it now, without asking anybody: an effect asks before each change. */
export interface StopWatch {
  /** Undefined when an effect in these scopes may go on. Unknown means no. */
  wordOn(scopes: readonly string[]): StopWord | undefined;
  /** Calls back whenever the answer may have changed, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

/** For worlds without a switch: nothing is ever stopped. Not for a worker. */
export const noSwitch: StopWatch = {
  wordOn: () => undefined,
  subscribe: () => () => undefined,
};

/** One effect's ear at the switch, from its claim to its end. */
export interface Attention {
  /** Fires once a stop covers the effect, with a Failure that says why. */
  readonly signal: AbortSignal;
  word(): StopWord | undefined;
  /** Asks now, for the case that a call back was missed. */
  look(): void;
  leave(): void;
}

/** Without scopes, as for an undo, nothing stops it. */
export function attend(watch: StopWatch, scopes: readonly string[] | undefined): Attention {
  const stopped = new AbortController();
  const word = (): StopWord | undefined =>
    scopes === undefined ? undefined : watch.wordOn(scopes);
  const look = (): void => {
    const heard = word();
    if (heard !== undefined) stopped.abort(new Failure('unknown', heard.why));
  };
  const leave = scopes === undefined ? () => undefined : watch.subscribe(look);
  return { signal: stopped.signal, word, look, leave };
}
