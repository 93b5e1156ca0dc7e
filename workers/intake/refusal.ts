/** Every way a request is turned away: status, reason for the metric, and what it tells the sender; decides nothing. */
import type { Problem } from '../../activities/senders/index.js';

/** The metric label `why`; the list is closed so that its counters exist, at zero, from the start. */
export const refusalReasons = {
  'unknown-path': 404,
  'no-door': 404,
  'wrong-method': 405,
  'no-secret': 401,
  'wrong-secret': 401,
  stale: 401,
  'too-large': 413,
  'wrong-type': 415,
  'bad-body': 400,
  unparsed: 422,
  'bad-request': 400,
  'too-slow': 408,
  'headers-too-large': 431,
} as const satisfies Record<string, number>;

export type RefusalReason = keyof typeof refusalReasons;

/** The request was wrong and will be wrong again: 4xx. Load is never answered like this, see `Unavailable`. */
export class Refusal extends Error {
  readonly status: number;

  constructor(
    readonly why: RefusalReason,
    message: string,
    readonly told: Omit<RefusalBody, 'error'>,
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = refusalReasons[why];
  }
}

/** The request may be fine but cannot be committed now: 503 with Retry-After, so that the sender keeps it. */
export class Unavailable extends Error {
  constructor(
    readonly why:
      | 'store-away'
      | 'store-slow'
      | 'overloaded'
      | 'stopping'
      | 'certificate-away'
      | 'keys-away'
      | 'subscription-away',
    message: string,
  ) {
    super(message);
    this.name = 'Unavailable';
  }
}

/** The database takes this content at no time: sending it again would be in vain, so it is kept otherwise. */
export class Poison extends Error {
  override readonly name = 'Poison';
}

/** What a refused sender reads. */
export interface RefusalBody {
  readonly error: string;
  readonly fix: string;
  readonly problems?: readonly Problem[];
  /** The dead letter its body became. */
  readonly kept?: string;
}

export function bodyOf(refusal: Refusal): RefusalBody {
  return { error: refusal.message, ...refusal.told };
}

/** One sentence for the first problem of a body, and all of them beside it. */
export function badBody(problems: readonly Problem[]): Refusal {
  const [first] = problems;
  const place = first?.path ? `${first.path}: ` : '';
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const message = `${place}${first?.problem ?? 'the body is not usable'}${more}`;
  return new Refusal('bad-body', message, { fix: first?.fix ?? 'see the sender', problems });
}
