/** Is the service well? Asks again and again within its bounds; changes nothing, and never takes unknown for well. */
import type { Check, Health } from '../actions/action.js';
import { heed, listen } from '../attention.js';
import type { JsonObject } from '../domain/json.js';
import { durationText } from '../domain/time.js';
import { counted, healthOf } from '../health.js';
import type { Message } from '../messages.js';
import { ended, type Ending, type Progress } from '../progress.js';
import { show } from '../view.js';

export interface Confirming {
  readonly says: string;
  readonly withinMs: number;
  readonly everyMs: number;
  /** It must be seen well for so long without a break. */
  readonly steadyForMs: number;
  readonly check: Check<JsonObject>;
  readonly input: JsonObject;
}

/** Undefined when it was seen to be well. A `resolved` message only makes it look at once: the sender may be wrong. */
export async function confirm(
  progress: Progress,
  options: Confirming,
): Promise<Ending | undefined> {
  show(progress, 'confirming');
  const { runtime } = progress;
  const startedMs = runtime.now();
  const untilMs = startedMs + options.withinMs;
  let wellSinceMs = Infinity;
  for (;;) {
    const asked = runtime.ask(options.check, options.input, options.says);
    const health = counted(options.check, await healthOf(asked));
    const nowMs = runtime.now();
    wellSinceMs = health.well ? Math.min(wellSinceMs, nowMs) : Infinity;
    const steadyAtMs = wellSinceMs + options.steadyForMs;
    if (nowMs >= steadyAtMs) return noteWell(progress, options, { seen: health.seen, startedMs });
    if (nowMs >= untilMs) return notWell(progress, options, seenAt(options, health));
    const message = await listen(progress, {
      accept: ['halt', 'takeover', 'undo', 'resolved'],
      untilMs: Math.min(untilMs, steadyAtMs, nowMs + options.everyMs),
      says: `wait until ${options.says}`,
    });
    const end = interruption(progress, message);
    if (end !== undefined) return end;
  }
}

function seenAt({ steadyForMs }: Confirming, { well, seen }: Health): string {
  return well ? `${seen}, but not yet for ${durationText(steadyForMs)}` : seen;
}

function interruption(progress: Progress, message: Message | undefined): Ending | undefined {
  if (message === undefined) return undefined;
  heed(progress, message);
  if (message.kind === 'resolved') return undefined;
  const said = `${message.by} sent ${message.kind} before the service was well`;
  return ended(message.kind === 'takeover' ? 'taken-over' : 'halted', said);
}

function noteWell(
  progress: Progress,
  { says }: Confirming,
  { seen, startedMs }: { seen: string; startedMs: number },
): undefined {
  const durationMs = progress.runtime.now() - startedMs;
  progress.ledger.note({
    kind: 'confirmation',
    says: `${says}: ${seen}`,
    expected: says,
    actual: seen,
    durationMs,
  });
}

function notWell(progress: Progress, { says, withinMs }: Confirming, seen: string): Ending {
  const why = `not within ${durationText(withinMs)}: ${says}; last seen: ${seen}`;
  progress.ledger.note({ kind: 'confirmation', says: why, expected: says, actual: seen });
  return ended('not-confirmed', why);
}
