/** What senders may show to be let in, read from the environment and from files; no value of it is repeated in an error. */
import { doors, kindsOf, schemeSecrets, schemesOf, secretKinds } from './intake/doors.js';
import type { SecretKind } from './intake/doors.js';
import { linesOfFile } from './setting-file.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** All that are active, by kind; any one of them suffices, so secrets can be changed one by one. */
export type Secrets = Readonly<Record<SecretKind, readonly string[]>>;

/** The setting that holds a source's secrets of a kind, such as `BELAY_GCP_MONITORING_TOKENS`; with `_FILE` it names a file. */
export function settingOf(source: string, kind: SecretKind): string {
  return `BELAY_${source.toUpperCase().replaceAll('-', '_')}_${kind.toUpperCase()}`;
}

/** Every setting that would open a source's door, for errors that ask for one. */
export function settingsOf(source: string): string {
  return kindsOf(source)
    .map((kind) => settingOf(source, kind))
    .join(' or ');
}

/** By source, those without any secret left out. Adds what is wrong to `problems`. */
export function readSecrets(env: Environment, problems: string[]): Record<string, Secrets> {
  const read = Object.keys(doors).map((source) => {
    const lists = secretKinds.map((kind) => [kind, listOf({ env, source, kind }, problems)]);
    return [source, Object.fromEntries(lists) as Secrets] as const;
  });
  return Object.fromEntries(read.filter(([, secrets]) => hasAny(secrets)));
}

/** Whether anybody could be let in with these. */
export function hasAny(secrets: Secrets): boolean {
  return Object.values(secrets).some((list) => list.length > 0);
}

interface Place {
  readonly env: Environment;
  readonly source: string;
  readonly kind: SecretKind;
}

function listOf({ env, source, kind }: Place, problems: string[]): string[] {
  const name = settingOf(source, kind);
  const found = entriesOf(name, env, problems);
  if (found.length === 0) return [];
  if (!kindsOf(source).includes(kind)) {
    problems.push(`${name} is not used, ${source} has no such door: give ${settingsOf(source)}`);
    return [];
  }
  const wrong = wrongFormOf(source, kind, found);
  if (wrong !== undefined) problems.push(`${name} is not usable: give ${wrong}`);
  return found;
}

/** What the secrets should look like, when one does not. */
function wrongFormOf(source: string, kind: SecretKind, found: string[]): string | undefined {
  const forms = schemesOf(source).map((name) => schemeSecrets[name]);
  const form = forms.find((candidate) => candidate.kind === kind);
  if (form === undefined || found.every((secret) => form.form.test(secret))) return undefined;
  return `${form.says}, several with commas`;
}

/** From the variable itself, separated by commas, and from the file `<name>_FILE` names, one a line. */
function entriesOf(name: string, env: Environment, problems: string[]): string[] {
  const direct = (env[name] ?? '').split(',');
  const file = env[`${name}_FILE`];
  const filed = file ? linesOfFile(file, `${name}_FILE`, problems) : [];
  return [...direct, ...filed].map((entry) => entry.trim()).filter((entry) => entry !== '');
}
