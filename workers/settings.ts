/** The environment, read once when a process starts and checked; nothing else reads process.env, no value is repeated in an error. */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { stormDefaults, type StormSettings } from '../activities/store/storm-rules.js';
import { stopFileIn } from '../activities/store/stop-file.js';
import { readSecrets } from './secrets.js';
import type { Environment, Secrets } from './secrets.js';
import { readSwitchTokens, type SwitchToken } from './switch/tokens.js';

export interface Settings {
  /** Holds a password: not for logs. */
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly intake: {
    readonly host: string;
    /** 0 takes a free one. */
    readonly port: number;
    /** By source; those without any are left out. */
    readonly secrets: Readonly<Record<string, Secrets>>;
    /** Null speaks plain HTTP. */
    readonly tls: TlsFiles | null;
    readonly storm: StormSettings;
  };
  readonly policyFile: string;
  readonly guards: GuardSettings;
  /** Where the adapters' systems are; null when this process needs none. */
  readonly targetsFile: string | null;
  readonly stateFolder: string;
  /** While it exists everything is stopped, or what its lines name. */
  readonly stopFile: string;
  /** Who may turn the switch over HTTP; none has no such door. */
  readonly switchTokens: readonly SwitchToken[];
  /** How many people it takes to resume. */
  readonly switchPolicyFile: string;
  readonly notifyWebhookUrl: string | null;
  readonly workerMetricsPort: number;
  readonly bundleFile: string;
}

/** Where the guards' rules and the fleet are described; a file that was named must be there, one that was not may be missing. */
export interface GuardSettings {
  readonly rulesPath: string;
  readonly fleetPath: string;
  readonly required: readonly ('rules' | 'fleet')[];
}

/** Paths of PEM files, read when the intake starts. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Who vouches for senders' certificates; null asks for none. */
  readonly clientCaFile: string | null;
}

/** Lists every setting that is wrong, each with its fix. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`these settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535);
const portFix = 'give a port from 0 to 65535';

const address = z.string().regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/);

const count = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number);
const countFix = 'give a whole number from 1';

const shape = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\/\S+$/),
  TEMPORAL_ADDRESS: address.default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  BELAY_INTAKE_HOST: z.string().min(1).default('127.0.0.1'),
  BELAY_INTAKE_PORT: port.default(4480),
  BELAY_INTAKE_TLS_CERT_FILE: z.string().min(1).optional(),
  BELAY_INTAKE_TLS_KEY_FILE: z.string().min(1).optional(),
  BELAY_INTAKE_TLS_CLIENT_CA_FILE: z.string().min(1).optional(),
  BELAY_STORM_FIRINGS: count.default(stormDefaults.firingsMax),
  BELAY_STORM_WITHIN_MS: count.default(stormDefaults.withinMs),
  BELAY_STORM_STARTS_PER_SECOND: count.default(stormDefaults.startsPerSecond),
  BELAY_STORM_OPEN_RUNS: count.default(stormDefaults.openRunsMax),
  BELAY_POLICY_FILE: z.string().min(1).default('policies/services.yaml'),
  BELAY_GUARDS_FILE: z.string().min(1).optional(),
  BELAY_FLEET_FILE: z.string().min(1).optional(),
  BELAY_TARGETS_FILE: z.string().min(1).optional(),
  BELAY_STATE_FOLDER: z.string().min(1).default('.belay'),
  BELAY_STOP_FILE: z.string().min(1).optional(),
  BELAY_SWITCH_POLICY_FILE: z.string().min(1).default('policies/switch.yaml'),
  BELAY_NOTIFY_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  BELAY_WORKER_METRICS_PORT: port.default(4482),
  BELAY_BUNDLE: z.string().min(1).default('dist/workflow-bundle.js'),
});

const fixes: Record<keyof typeof shape.shape, string> = {
  DATABASE_URL: 'give the connection string of a PostgreSQL, postgres://user:password@host:port/db',
  TEMPORAL_ADDRESS: 'give host:port of the Temporal frontend, without a scheme',
  TEMPORAL_NAMESPACE: 'give the name of a namespace',
  BELAY_INTAKE_HOST: 'give the address to listen on, such as 127.0.0.1',
  BELAY_INTAKE_PORT: portFix,
  BELAY_INTAKE_TLS_CERT_FILE: "give the path of the intake's certificate chain in PEM",
  BELAY_INTAKE_TLS_KEY_FILE: 'give the path of the key of that certificate in PEM',
  BELAY_INTAKE_TLS_CLIENT_CA_FILE: 'give the path of the certificates, in PEM, that sign senders',
  BELAY_STORM_FIRINGS: `${countFix}: more open firings than that in one environment are a storm`,
  BELAY_STORM_WITHIN_MS: `${countFix}: the milliseconds they are counted in`,
  BELAY_STORM_STARTS_PER_SECOND: `${countFix}: how fast runs begin in a storm`,
  BELAY_STORM_OPEN_RUNS: `${countFix}: how many runs may be open for a storm to begin another`,
  BELAY_POLICY_FILE: 'give the path of the policy file',
  BELAY_GUARDS_FILE:
    'give the path of the file of the guards; guards.yaml beside the policy file unless set',
  BELAY_FLEET_FILE:
    'give the path of the file of the fleet; fleet.yaml beside the policy file unless set',
  BELAY_TARGETS_FILE: 'give the path of the targets file',
  BELAY_STATE_FOLDER: 'give the path of a folder to keep state in',
  BELAY_STOP_FILE: 'give the path of the file whose existence stops',
  BELAY_SWITCH_POLICY_FILE: 'give the path of the file that says how many people resume',
  BELAY_NOTIFY_WEBHOOK_URL: 'give an http or https URL',
  BELAY_WORKER_METRICS_PORT: portFix,
  BELAY_BUNDLE: 'give the path of the built workflow bundle',
};

/** Reads and checks all settings. Throws a SettingsError that names every wrong one, never its value. */
export function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const checked = shape.safeParse(withoutEmpty(env));
  if (!checked.success) problems.push(...checked.error.issues.map((issue) => said(issue, env)));
  const secrets = readSecrets(env, problems);
  const tls = readTls(withoutEmpty(env), problems);
  problems.push(...clientsWithoutCa(secrets, tls));
  const switchTokens = readSwitchTokens(env, problems);
  if (!checked.success || problems.length > 0) throw new SettingsError(problems);
  const read = checked.data;
  return {
    databaseUrl: read.DATABASE_URL,
    temporal: { address: read.TEMPORAL_ADDRESS, namespace: read.TEMPORAL_NAMESPACE },
    intake: {
      host: read.BELAY_INTAKE_HOST,
      port: read.BELAY_INTAKE_PORT,
      secrets,
      tls,
      storm: {
        firingsMax: read.BELAY_STORM_FIRINGS,
        withinMs: read.BELAY_STORM_WITHIN_MS,
        startsPerSecond: read.BELAY_STORM_STARTS_PER_SECOND,
        openRunsMax: read.BELAY_STORM_OPEN_RUNS,
      },
    },
    policyFile: read.BELAY_POLICY_FILE,
    guards: guardsIn(read),
    targetsFile: read.BELAY_TARGETS_FILE ?? null,
    stateFolder: read.BELAY_STATE_FOLDER,
    stopFile: read.BELAY_STOP_FILE ?? stopFileIn(read.BELAY_STATE_FOLDER),
    switchTokens,
    switchPolicyFile: read.BELAY_SWITCH_POLICY_FILE,
    notifyWebhookUrl: read.BELAY_NOTIFY_WEBHOOK_URL ?? null,
    workerMetricsPort: read.BELAY_WORKER_METRICS_PORT,
    bundleFile: read.BELAY_BUNDLE,
  };
}

/** Beside the policy file unless named: one folder holds what the engine goes by. */
function guardsIn(read: z.output<typeof shape>): GuardSettings {
  const { BELAY_GUARDS_FILE: rules, BELAY_FLEET_FILE: fleet, BELAY_POLICY_FILE: policy } = read;
  return {
    rulesPath: rules ?? join(dirname(policy), 'guards.yaml'),
    fleetPath: fleet ?? join(dirname(policy), 'fleet.yaml'),
    required: [
      ...(rules === undefined ? [] : (['rules'] as const)),
      ...(fleet === undefined ? [] : (['fleet'] as const)),
    ],
  };
}

/** Half of a pair is a mistake, never plain HTTP. */
function readTls(env: Environment, problems: string[]): TlsFiles | null {
  const certFile = env['BELAY_INTAKE_TLS_CERT_FILE'];
  const keyFile = env['BELAY_INTAKE_TLS_KEY_FILE'];
  const clientCaFile = env['BELAY_INTAKE_TLS_CLIENT_CA_FILE'] ?? null;
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile, clientCaFile };
  const given = [certFile, keyFile, clientCaFile].some((file) => (file ?? null) !== null);
  if (!given) return null;
  const missing = (['BELAY_INTAKE_TLS_CERT_FILE', 'BELAY_INTAKE_TLS_KEY_FILE'] as const).filter(
    (name) => env[name] === undefined,
  );
  problems.push(...missing.map((name) => `${name} is not set, but TLS is: ${fixes[name]}`));
  return null;
}

/** A list of certificates that nobody vouches for would be believed from anyone. */
function clientsWithoutCa(
  secrets: Readonly<Record<string, Secrets>>,
  tls: TlsFiles | null,
): string[] {
  const listed = Object.values(secrets).some(({ clients }) => clients.length > 0);
  if (!listed || (tls?.clientCaFile ?? null) !== null) return [];
  const name = 'BELAY_INTAKE_TLS_CLIENT_CA_FILE';
  return [`${name} is not set, but client certificates are listed: ${fixes[name]}`];
}

/** `NAME=` in a file of settings means "not set". */
function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function said(issue: z.core.$ZodIssue, env: Environment): string {
  const name = String(issue.path[0]) as keyof typeof fixes;
  const state = env[name] === undefined || env[name] === '' ? 'is not set' : 'is not usable';
  return `${name} ${state}: ${fixes[name]}`;
}
