/** The shape of a sender: one monitor's webhook format turned into alerts; no network, no clock, no secrets. */
import type { Alert } from '../../workflows/domain/alert.js';

/** One thing wrong with a body: where it is, what it is, what to do about it. */
export interface Problem {
  /** As one would write it in code, `alerts[0].startsAt`; empty for the body as a whole. */
  readonly path: string;
  readonly problem: string;
  readonly fix: string;
}

/** By lower-case name; a header that came twice has its values joined by ", ", as node:http does it. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** A body is never taken in part: it is alerts, or it is one of the three others as a whole. */
export type Parsed =
  | {
      readonly kind: 'alerts';
      /** At least one. */
      readonly alerts: readonly Alert[];
      /** How many alerts the sender left out of the body. */
      readonly truncated: number;
    }
  /** Understood, and nothing in it begins or ends an episode: a ping, a note, an acknowledgement. Why, for people. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** The sender's own envelope around something unknown: it is kept and reported, never taken for handled. */
  | { readonly kind: 'unparsed'; readonly why: string }
  /** Not a body of this sender at all. */
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/** One webhook format. `parse` is total: whatever bytes come, it answers and never throws. */
export interface Sender {
  /** The last part of its path, `POST /v1/alerts/<source>`, and the `source` of its alerts. */
  readonly source: string;
  /** Media types it sends; `application/json` when left out. */
  readonly mediaTypes?: readonly string[];
  /**
   * Every firing bears the time of its own message, so it may be one that is open already: while that is not resolved, it is
   * taken for the same again.
   */
  readonly startsEachTime?: true;
  /** Headers are empty for a body that comes from a file: where the body can say what a header says, it must do. */
  parse(raw: Buffer | string, headers?: Headers): Parsed;
}
