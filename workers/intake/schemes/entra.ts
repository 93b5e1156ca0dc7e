/**
 * Azure Monitor's secure webhook: an access token of Microsoft Entra ID for our application, which the tenant's keys signed.
 * The token does not sign the body: whoever reads one may send with it until it runs out. Its secrets are `<tenant>/<audience>`.
 */
import { seconds } from '../../../workflows/domain/time.js';
import { createEntraKeys, type FetchKeys } from './entra-keys.js';
import { isSignedBy, readEntraToken, type EntraClaims } from './entra-token.js';
import { isSecret } from './comparing.js';
import type { Scheme } from './scheme.js';
import { windowMs } from './timestamp.js';

/** Azure's action groups, and the role that the tenant's administrator gave them for our application. */
const actionGroups = '461e8683-5575-4561-ac7f-899cc907d62a';
const role = 'ActionGroupsSecureWebhook';

/** Throws Unavailable when the keys cannot be had: Azure comes back after a 503. */
export function createEntra(fetchKeys: FetchKeys): Scheme {
  const keys = createEntraKeys(fetchKeys);
  return {
    name: 'entra',
    signsBody: false,
    async verify({ headers, nowMs }, applications) {
      const [, shown] = /^bearer +(\S+) *$/i.exec(headers['authorization'] ?? '') ?? [];
      if (shown === undefined) return 'no-secret';
      const token = readEntraToken(shown);
      // Before anything is fetched: only who knows a tenant and an audience of ours can make us ask for keys.
      if (token === undefined || !isMeant(token.claims, applications)) return 'wrong-secret';
      const key = await keys.at(token.claims.tid, token.kid);
      if (key === undefined || !isSignedBy(token, key)) return 'wrong-secret';
      return isCurrent(token.claims, nowMs) ? 'admitted' : 'stale';
    },
    fix:
      'let the action group call a secure webhook for the application of BELAY_AZURE_MONITOR_APPLICATIONS, ' +
      `with the role ${role}`,
  };
}

/** Of a tenant of ours, for us, issued by that tenant, to Azure's action groups and nobody else. */
function isMeant(claims: EntraClaims, applications: readonly string[]): boolean {
  const { tid, aud, iss, roles = [], appid, azp } = claims;
  const issuers = [
    `https://sts.windows.net/${tid}/`,
    `https://login.microsoftonline.com/${tid}/v2.0`,
  ];
  const isOurs = isSecret([`${tid}/${aud}`], applications);
  return isOurs && issuers.includes(iss) && roles.includes(role) && (appid ?? azp) === actionGroups;
}

function isCurrent({ exp, nbf }: EntraClaims, nowMs: number): boolean {
  return nowMs < seconds(exp) + windowMs && nowMs >= seconds(nbf) - windowMs;
}
