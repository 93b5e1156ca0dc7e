/** What one run has seen and done so far, so that its function can run again from the top; decides nothing. */
import { digest, type Json } from './domain/json.js';

interface Line {
  readonly key: string;
  readonly value: Json;
  readonly isStep: boolean;
}

/**
 * J1. A step that is done answers from here for ever: it is never done twice.
 * J2. Observations made before the last step done answer from here, so that the function takes the same way to it.
 * J3. Observations made after it are forgotten when the function starts again: what is decided next is decided on fresh ones.
 */
export class Journal {
  private lines: Line[] = [];

  /** Begins another pass of the runbook's function. */
  rewind(): void {
    const lastStep = this.lines.findLastIndex((line) => line.isStep);
    this.lines = this.lines.slice(0, lastStep + 1);
  }

  find(key: string): { readonly value: Json } | undefined {
    return this.lines.find((line) => line.key === key);
  }

  observed(key: string, value: Json): void {
    this.lines.push({ key, value, isStep: false });
  }

  done(key: string, after: Json): void {
    this.lines.push({ key, value: after, isStep: true });
  }
}

/** Counts equal observations within one pass, so that the same question asked again later is a new one. */
export class ObservationKeys {
  private readonly seen = new Map<string, number>();

  next(fact: string, input: unknown): string {
    const question = `${fact}:${digest(input)}`;
    const asked = this.seen.get(question) ?? 0;
    this.seen.set(question, asked + 1);
    return `observe:${question}:${asked}`;
  }
}

/** The journal key of a step: its name, so that it is the same in every pass. */
export function stepKey(name: string): string {
  return `step:${name}`;
}
