/** Every scheme by the name the table of doors knows it by; puts together, decides nothing. */
import type { SchemeName } from '../doors.js';
import { basic } from './basic.js';
import { bearer } from './bearer.js';
import { createEntra } from './entra.js';
import { fetchEntraKeys, type FetchKeys } from './entra-keys.js';
import { github } from './github.js';
import { grafana } from './grafana.js';
import { headerToken } from './header-token.js';
import { mutualTls } from './mutual-tls.js';
import { pagerduty } from './pagerduty.js';
import type { Scheme } from './scheme.js';
import { sentry } from './sentry.js';
import { createSns } from './sns.js';
import type { SnsParts } from './sns.js';
import { standardWebhooks } from './standard-webhooks.js';
import { urlToken } from './url-token.js';

export interface SchemeParts extends SnsParts {
  /** Of a tenant; from Microsoft unless given. */
  readonly fetchKeys?: FetchKeys;
}

export function createSchemes(parts: SchemeParts): Readonly<Record<SchemeName, Scheme>> {
  return {
    bearer,
    basic,
    'header-token': headerToken,
    'url-token': urlToken,
    github,
    pagerduty,
    grafana,
    sentry,
    'standard-webhooks': standardWebhooks,
    sns: createSns(parts),
    entra: createEntra(parts.fetchKeys ?? fetchEntraKeys),
    'mutual-tls': mutualTls,
  };
}
