/** User and password in `Authorization: Basic`, shown as they are; a secret is `user:password`. */
import { base64Of, isSecret } from './comparing.js';
import type { Scheme } from './scheme.js';

export const basic: Scheme = {
  name: 'basic',
  signsBody: false,
  verify({ headers }, secrets) {
    const [, encoded] = /^basic +(\S+) *$/i.exec(headers['authorization'] ?? '') ?? [];
    if (encoded === undefined) return 'no-secret';
    const pair = base64Of(encoded)?.toString('utf8');
    return pair !== undefined && isSecret([pair], secrets) ? 'admitted' : 'wrong-secret';
  },
  fix: 'send Authorization: Basic with its user and password (Alertmanager: http_config.basic_auth)',
};
