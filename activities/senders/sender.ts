/** The shape of a sender: one monitor's webhook format turned into alerts; no network, no clock, no secrets. */
import type { Alert } from '../../workflows/domain/alert.js';

/** One thing wrong with a body: where it is, what it is, what to do about it. */
export interface Problem {
  /** As one would write it in code, `alerts[0].startsAt`; empty for the body as a whole. */
  readonly path: string;
  readonly problem: string;
  readonly fix: string;
}

/** Either every alert of the body, or every problem found: a body is never taken in part. */
export type Parsed =
  | {
      readonly ok: true;
      readonly alerts: readonly Alert[];
      /** How many alerts the sender left out of the body. */
      readonly truncated: number;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** One webhook format. `parse` is total: whatever bytes come, it answers and never throws. */
export interface Sender {
  /** The last part of its path, `POST /v1/alerts/<source>`, and the `source` of its alerts. */
  readonly source: string;
  parse(raw: Buffer | string): Parsed;
}
