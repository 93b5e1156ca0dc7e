/**
 * Who may turn the switch over HTTP: `BELAY_SWITCH_TOKENS`, or a file of lines, each `<person>:<token>`. The token names the
 * person, so that nobody turns it in another's name. No value is repeated in an error.
 */
import { fitsAny, digestOf } from '../intake/schemes/comparing.js';
import type { Environment } from '../secrets.js';
import { linesOfFile } from '../setting-file.js';

export interface SwitchToken {
  readonly person: string;
  /** Not for logs. */
  readonly token: string;
}

const setting = 'BELAY_SWITCH_TOKENS';
const form = /^([^\s:,]{1,64}):([\x21-\x2b\x2d-\x7e]{24,512})$/;
const fix = 'give <person>:<token>, the token of 24 characters or more, several with commas';

/** Adds what is wrong to `problems`. */
export function readSwitchTokens(env: Environment, problems: string[]): readonly SwitchToken[] {
  const file = env[`${setting}_FILE`];
  const direct = (env[setting] ?? '').split(',');
  const filed = file ? linesOfFile(file, `${setting}_FILE`, problems) : [];
  const entries = [...direct, ...filed]
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('#'));
  const tokens = entries.flatMap((entry) => {
    const [, person, token] = form.exec(entry) ?? [];
    return person === undefined || token === undefined ? [] : [{ person, token }];
  });
  if (tokens.length < entries.length) problems.push(`${setting} is not usable: ${fix}`);
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length)
    problems.push(`${setting} is not usable: two people have one token; give each their own`);
  return tokens;
}

/** Whose token it is; every one is compared, so that time does not tell which came close. */
export function personOfToken(shown: string, tokens: readonly SwitchToken[]): string | undefined {
  const digest = [digestOf(shown)];
  const fitting = tokens.filter(({ token }) => fitsAny(digest, [digestOf(token)]));
  return fitting[0]?.person;
}
