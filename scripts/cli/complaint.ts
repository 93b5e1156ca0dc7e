/** How a command ends without having done what it was asked: what was wrong and the fix, in one line, and an exit code. */

/** 1 refused or failed, 2 wrong usage, 3 something is not reachable. */
export type ExitCode = 1 | 2 | 3;

export class Complaint extends Error {
  override readonly name = 'Complaint';
  constructor(
    readonly exitCode: ExitCode,
    readonly what: string,
    readonly fix: string,
  ) {
    super(`${what}: ${fix}`);
  }
}

/** Belay, or the world, said no. */
export function refused(what: string, fix: string): Complaint {
  return new Complaint(1, what, fix);
}

/** The command was not given what it needs. */
export function misused(what: string, fix: string): Complaint {
  return new Complaint(2, what, fix);
}

export function unreachable(what: string, fix: string): Complaint {
  return new Complaint(3, what, fix);
}

/** Everything is said already; only the exit code is left. */
export class Ended extends Error {
  override readonly name = 'Ended';
  constructor(readonly exitCode: number) {
    super(`ended with ${exitCode}`);
  }
}
