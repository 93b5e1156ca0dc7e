/** What one run has seen and done so far, so that its function can run again from the top; decides nothing. */
import { digest, type Json } from './domain/json.js';

interface Line {
  readonly key: string;
  readonly value: Json;
  readonly isStep: boolean;
  /** When the pass began that made it, by the run's own clock. */
  readonly atMs: number;
  /** The pass that asked for it last. */
  pass: number;
}

/**
 * J1. A step that is done answers from here for ever: it is never done twice.
 * J2. Observations made before the last step done answer from here, so that the function takes the same way to it.
 * J3. Observations made after it are forgotten when the function starts again, but for those younger than the pass takes for
 *     fresh: what is decided next is decided on the world as it is.
 * J4. A step that was just done changed the world: what no pass asked for before it is forgotten.
 */
export class Journal {
  private lines: Line[] = [];
  private pass = 0;

  /** Begins another pass of the runbook's function, to which observations made after `freshSinceMs` are still fresh. */
  rewind(freshSinceMs: number): void {
    const lastStep = this.lines.findLastIndex((line) => line.isStep);
    this.lines = this.lines.filter((line, place) => place <= lastStep || line.atMs > freshSinceMs);
    this.pass += 1;
  }

  find(key: string): { readonly value: Json } | undefined {
    const line = this.lines.find((found) => found.key === key);
    if (line !== undefined) line.pass = this.pass;
    return line;
  }

  observed(key: string, value: Json, atMs: number): void {
    this.lines.push({ key, value, isStep: false, atMs, pass: this.pass });
  }

  done(key: string, after: Json, atMs: number): void {
    this.lines = this.lines.filter((line) => line.isStep || line.pass === this.pass);
    this.lines.push({ key, value: after, isStep: true, atMs, pass: this.pass });
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
