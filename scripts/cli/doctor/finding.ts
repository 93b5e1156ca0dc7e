/** One line of `belay doctor`. */

export interface Finding {
  /** What was looked at. */
  readonly name: string;
  /** `warn`: it works, and a person should know. `fail`: Belay cannot do its work like this. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** For `warn` and `fail`, where there is something to do. */
  readonly fix?: string;
}

export function ok(name: string, says: string): Finding {
  return { name, state: 'ok', says };
}

export function warn(name: string, says: string, fix: string): Finding {
  return { name, state: 'warn', says, fix };
}

export function fail(name: string, says: string, fix: string): Finding {
  return { name, state: 'fail', says, fix };
}
