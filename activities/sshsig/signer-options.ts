/** The options of a line of an allowed-signers file: namespaces and times; authorities for certificates are refused. */
import { MalformedSsh } from './wire.js';

export interface SignerOptions {
  /** Patterns with `*` and `?`; undefined where any namespace may be signed. */
  readonly namespaces?: readonly string[];
  /** Unix milliseconds. */
  readonly validAfterMs?: number;
  readonly validBeforeMs?: number;
}

const one = /^([A-Za-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|$)/;

/** Throws MalformedSsh for an option that is not known, comes twice or has no value. */
export function optionsOf(text: string): SignerOptions {
  const found = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const [whole, name = '', value] = one.exec(rest) ?? [];
    if (whole === undefined)
      throw new MalformedSsh(`the options cannot be read from: ${rest.slice(0, 40)}`);
    const option = name.toLowerCase();
    if (found.has(option)) throw new MalformedSsh(`the option ${option} is given twice`);
    found.set(option, checked(option, value));
    rest = rest.slice(whole.length);
  }
  const namespaces = found.get('namespaces');
  const after = found.get('valid-after');
  const before = found.get('valid-before');
  const times = {
    ...(after === undefined ? {} : { validAfterMs: timeMs(after) }),
    ...(before === undefined ? {} : { validBeforeMs: timeMs(before) }),
  };
  return { ...(namespaces === undefined ? {} : { namespaces: namespaces.split(',') }), ...times };
}

function checked(option: string, value: string | undefined): string {
  if (option === 'cert-authority') {
    throw new MalformedSsh('cert-authority is not taken: name the key of each person');
  }
  if (!['namespaces', 'valid-after', 'valid-before'].includes(option)) {
    throw new MalformedSsh(`the option ${option} is not known`);
  }
  if (value === undefined || value === '') {
    throw new MalformedSsh(`the option ${option} wants a value: ${option}="..."`);
  }
  return value.replace(/\\(.)/g, '$1');
}

/** `YYYYMMDD[HHMM[SS]]`, in the time of this machine, or with a `Z` in UTC. */
function timeMs(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text);
  if (match === null)
    throw new MalformedSsh(`"${text.slice(0, 40)}" is no time: YYYYMMDD[HHMM[SS]][Z]`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  const real = new Date(utc).toISOString().replace(/\D/g, '').slice(0, 14);
  const written = [text.replace('Z', '')].map((digits) => digits.padEnd(14, '0'))[0];
  if (real !== written) throw new MalformedSsh(`"${text}" is no time of a calendar`);
  return match[7] === 'Z' ? utc : new Date(year, month - 1, day, hour, minute, second).getTime();
}

/** As OpenSSH matches a namespace: `*` any text, `?` any character. */
export function permitsNamespace({ namespaces }: SignerOptions, namespace: string): boolean {
  if (namespaces === undefined) return true;
  return namespaces.some((pattern) => {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${source}$`).test(namespace);
  });
}
