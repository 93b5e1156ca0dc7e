/** The environment, read once when a process starts and checked; nothing else reads process.env, no value is repeated in an error. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What a source's senders may show to be let in; any one of them suffices, so secrets can be changed one by one. */
export interface Secrets {
  readonly tokens: readonly string[];
  /** `user:password`. */
  readonly basic: readonly string[];
}

export interface Settings {
  /** Holds a password: not for logs. */
  readonly databaseUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly intake: {
    readonly host: string;
    /** 0 takes a free one. */
    readonly port: number;
    /** By source. */
    readonly secrets: Readonly<Record<string, Secrets>>;
  };
  readonly policyFile: string;
  /** Where the adapters' systems are; null when this process needs none. */
  readonly targetsFile: string | null;
  readonly stateFolder: string;
  readonly notifyWebhookUrl: string | null;
  readonly workerMetricsPort: number;
  readonly bundleFile: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Lists every setting that is wrong, each with its fix. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`these settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/** Sources that have secrets of their own; a new sender adds its name. */
const sources = ['alertmanager'] as const;

/** The setting that holds a source's bearer tokens, for errors that ask for it. */
export function tokensSettingOf(source: string): string {
  return `BELAY_${source.toUpperCase()}_TOKENS`;
}

/** The setting that holds a source's `user:password` pairs. */
export function basicSettingOf(source: string): string {
  return `BELAY_${source.toUpperCase()}_BASIC`;
}

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535);
const portFix = 'give a port from 0 to 65535';

const address = z.string().regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/);

const shape = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\/\S+$/),
  TEMPORAL_ADDRESS: address.default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  BELAY_INTAKE_HOST: z.string().min(1).default('127.0.0.1'),
  BELAY_INTAKE_PORT: port.default(4480),
  BELAY_POLICY_FILE: z.string().min(1).default('policies/services.yaml'),
  BELAY_TARGETS_FILE: z.string().min(1).optional(),
  BELAY_STATE_FOLDER: z.string().min(1).default('.belay'),
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
  BELAY_POLICY_FILE: 'give the path of the policy file',
  BELAY_TARGETS_FILE: 'give the path of the targets file',
  BELAY_STATE_FOLDER: 'give the path of a folder to keep state in',
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
  if (!checked.success || problems.length > 0) throw new SettingsError(problems);
  const read = checked.data;
  return {
    databaseUrl: read.DATABASE_URL,
    temporal: { address: read.TEMPORAL_ADDRESS, namespace: read.TEMPORAL_NAMESPACE },
    intake: { host: read.BELAY_INTAKE_HOST, port: read.BELAY_INTAKE_PORT, secrets },
    policyFile: read.BELAY_POLICY_FILE,
    targetsFile: read.BELAY_TARGETS_FILE ?? null,
    stateFolder: read.BELAY_STATE_FOLDER,
    notifyWebhookUrl: read.BELAY_NOTIFY_WEBHOOK_URL ?? null,
    workerMetricsPort: read.BELAY_WORKER_METRICS_PORT,
    bundleFile: read.BELAY_BUNDLE,
  };
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

function readSecrets(env: Environment, problems: string[]): Record<string, Secrets> {
  const read = sources.map((source) => {
    const tokens = listOf(tokensSettingOf(source), env, problems);
    const basicName = basicSettingOf(source);
    const basic = listOf(basicName, env, problems);
    if (!basic.every((pair) => /^[^:]+:.+$/.test(pair))) {
      problems.push(`${basicName} is not usable: give user:password, several with commas`);
    }
    return [source, { tokens, basic }] as const;
  });
  return Object.fromEntries(read);
}

/** From the variable itself, separated by commas, and from the file `<name>_FILE` names, one a line. */
function listOf(name: string, env: Environment, problems: string[]): string[] {
  const direct = (env[name] ?? '').split(',');
  const file = env[`${name}_FILE`];
  const filed = file ? linesOf(file, `${name}_FILE`, problems) : [];
  return [...direct, ...filed].map((entry) => entry.trim()).filter((entry) => entry !== '');
}

function linesOf(file: string, name: string, problems: string[]): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    problems.push(`${name} names a file that cannot be read (${code}): give a readable file`);
    return [];
  }
}
