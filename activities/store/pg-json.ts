/**
 * JSON text that PostgreSQL's jsonb takes, whatever hostile text is in it.
 * jsonb refuses NUL characters and halves of surrogate pairs; both become U+FFFD, so that no alert can jam the ledger.
 */

const suspicious = /\\u0000|\\u[dD][89abAB]/;
const replacement = '\uFFFD';
const loneSurrogate = /\p{Surrogate}/gu;

/** Throws a TypeError for what is no JSON. */
export function pgJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError('only JSON values can be stored');
  return suspicious.test(text) ? JSON.stringify(cleaned(JSON.parse(text))) : text;
}

/** The same for a bare text column. */
export function pgText(text: string): string {
  return text.replaceAll('\0', replacement).replace(loneSurrogate, replacement);
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return pgText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [pgText(key), cleaned(inner)]),
  );
}
