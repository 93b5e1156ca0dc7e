/** Which schemes each source's senders may use, and which setting holds a scheme's secrets. Data only. */

/** The last part of a setting's name, `BELAY_<SOURCE>_TOKENS`, in lower case. */
export const secretKinds = [
  'tokens',
  'basic',
  'secrets',
  'topics',
  'clients',
  'applications',
] as const;
export type SecretKind = (typeof secretKinds)[number];

interface SchemeSecrets {
  readonly kind: SecretKind;
  /** What a secret must look like, and how to say it. */
  readonly form: RegExp;
  readonly says: string;
}

const token = { kind: 'tokens', form: /./, says: 'a token' } as const;
const shared = { kind: 'secrets', form: /./, says: 'the secret the sender signs with' } as const;

export const schemeSecrets = {
  bearer: token,
  'header-token': token,
  'url-token': token,
  basic: { kind: 'basic', form: /^[^:]+:.+$/, says: 'user:password' },
  github: shared,
  grafana: shared,
  pagerduty: shared,
  sentry: shared,
  /** The specification's sizes: 24 to 64 bytes, and a raw Ed25519 public key. */
  'standard-webhooks': {
    kind: 'secrets',
    form: /^(whsec_[A-Za-z0-9+/]{32,86}={0,2}|whpk_[A-Za-z0-9+/]{43}=)$/,
    says: 'whsec_ with 24 to 64 bytes in base64, or whpk_ with an Ed25519 public key',
  },
  sns: {
    kind: 'topics',
    form: /^arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]+:\d{12}:[\w.-]+$/,
    says: "a topic's ARN, arn:aws:sns:<region>:<account>:<name>",
  },
  entra: {
    kind: 'applications',
    form: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[^\s,]{1,256}$/,
    says: "a tenant's id in lower case, a slash, and the audience of its tokens, <tenant>/api://<application>",
  },
  'mutual-tls': {
    kind: 'clients',
    form: /^([0-9a-fA-F]{64}|[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){31}|(\/[A-Za-z0-9.]+=[^/]+)+)$/,
    says: "a client certificate's SHA-256 fingerprint, or its subject as /O=Acme/CN=name",
  },
} as const satisfies Record<string, SchemeSecrets>;

export type SchemeName = keyof typeof schemeSecrets;

/** Any one suffices, so each must prove it alone. PagerDuty's client certificate, say, is that of all its customers. */
export const doors = {
  alertmanager: ['bearer', 'basic', 'mutual-tls'],
  grafana: ['grafana', 'bearer', 'basic', 'mutual-tls'],
  pagerduty: ['pagerduty'],
  datadog: ['header-token', 'bearer', 'basic'],
  opsgenie: ['header-token', 'bearer', 'basic'],
  sentry: ['sentry'],
  newrelic: ['header-token', 'bearer', 'basic'],
  cloudwatch: ['sns'],
  'azure-monitor': ['entra', 'url-token'],
  'gcp-monitoring': ['basic', 'url-token'],
  zabbix: ['bearer', 'header-token', 'basic', 'mutual-tls'],
  github: ['github'],
  'uptime-kuma': ['bearer', 'header-token', 'basic', 'mutual-tls'],
  /** Nothing that signs the body alone: in binary mode what matters is in headers. */
  cloudevents: ['bearer', 'header-token', 'basic', 'mutual-tls'],
  'standard-webhooks': ['standard-webhooks'],
  generic: ['bearer', 'header-token', 'basic', 'standard-webhooks', 'mutual-tls'],
} as const satisfies Record<string, readonly SchemeName[]>;

/** None for a source that is not in the table: it has no door. */
export function schemesOf(source: string): readonly SchemeName[] {
  return Object.entries(doors).find(([name]) => name === source)?.[1] ?? [];
}

/** What of a source's settings its schemes can use. */
export function kindsOf(source: string): readonly SecretKind[] {
  const kinds = schemesOf(source).map((name) => schemeSecrets[name].kind);
  return secretKinds.filter((kind) => kinds.includes(kind));
}
