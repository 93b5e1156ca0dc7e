/** A token in the URL, `?token=`, for senders that can set nothing else. Proxies write URLs down; we never do. */
import { isSecret } from './comparing.js';
import type { Scheme } from './scheme.js';

export const urlToken: Scheme = {
  name: 'url-token',
  signsBody: false,
  verify({ url }, secrets) {
    const tokens = tokensOf(url);
    if (tokens.length === 0) return 'no-secret';
    const isOne = tokens.length === 1; // two are a riddle: a proxy may have looked at the other
    return isOne && isSecret(tokens, secrets) ? 'admitted' : 'wrong-secret';
  },
  fix: 'add ?token= with one of its tokens, percent-encoded, to the URL of this webhook',
};

function tokensOf(url: string): string[] {
  const from = url.indexOf('?');
  return from < 0 ? [] : new URLSearchParams(url.slice(from + 1)).getAll('token');
}
