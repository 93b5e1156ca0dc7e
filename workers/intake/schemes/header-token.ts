/** A token as the whole value of a header, for senders that can set headers and sign nothing. */
import { isSecret } from './comparing.js';
import type { Scheme } from './scheme.js';

export const headerToken: Scheme = {
  name: 'header-token',
  signsBody: false,
  verify({ headers }, secrets) {
    const values = [headers['x-belay-token'], headers['authorization']];
    const shown = values.filter((value) => value !== undefined && value !== '');
    if (shown.length === 0) return 'no-secret';
    return isSecret(shown.map(String), secrets) ? 'admitted' : 'wrong-secret';
  },
  fix: 'add the header X-Belay-Token (or Authorization) with one of its tokens as the whole value',
};
