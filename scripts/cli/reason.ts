/** One line of why from whatever was thrown; never a stack trace. */
import { messageOf } from '../../workflows/domain/failure.js';

const textMax = 160;

/** Network errors keep theirs in their cause, or in the first of several. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return reasonOf(error.cause);
  const text = messageOf(error).split('\n')[0] ?? '';
  return text.slice(0, textMax);
}
