/** A token in `Authorization: Bearer`, shown as it is: whoever reads the request can send another. */
import { isSecret } from './comparing.js';
import type { Scheme } from './scheme.js';

export const bearer: Scheme = {
  name: 'bearer',
  signsBody: false,
  verify({ headers }, secrets) {
    const [, token] = /^bearer +(\S+) *$/i.exec(headers['authorization'] ?? '') ?? [];
    if (token === undefined) return 'no-secret';
    return isSecret([token], secrets) ? 'admitted' : 'wrong-secret';
  },
  fix: 'send Authorization: Bearer with one of its tokens (Alertmanager: http_config.authorization)',
};
