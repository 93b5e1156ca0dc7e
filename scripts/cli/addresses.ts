/** Where Temporal, PostgreSQL and the intake are: from the environment, else from the running `belay up`, else by default. */
import { readUpFile, type UpFile } from '../engine/up-file.js';
import { unreachable } from './complaint.js';
import type { Terminal } from './terminal.js';

export interface Addresses {
  readonly stateFolder: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly uiUrl: string | undefined;
  readonly intakeUrl: string;
  /** Undefined when nobody said where it is. Carries a password: never printed. */
  readonly databaseUrl: string | undefined;
  /** Never printed. */
  readonly token: string | undefined;
}

export function stateFolderOf({ env }: Pick<Terminal, 'env'>): string {
  return env['BELAY_STATE_FOLDER'] || '.belay';
}

export function addressesOf({ env }: Pick<Terminal, 'env'>): Addresses {
  const stateFolder = stateFolderOf({ env });
  const up: Partial<UpFile> = readUpFile(stateFolder) ?? {};
  return {
    stateFolder,
    temporalAddress: env['TEMPORAL_ADDRESS'] || up.temporalAddress || '127.0.0.1:7233',
    namespace: env['TEMPORAL_NAMESPACE'] || up.namespace || 'default',
    uiUrl: up.uiUrl ?? undefined,
    intakeUrl: env['BELAY_INTAKE_URL'] || up.intakeUrl || 'http://127.0.0.1:4480',
    databaseUrl: env['DATABASE_URL'] || up.databaseUrl,
    token: env['BELAY_INTAKE_TOKEN'] || up.token,
  };
}

/** Throws the complaint that says how to name one. */
export function requireDatabaseUrl({ databaseUrl, stateFolder }: Addresses): string {
  if (databaseUrl !== undefined) return databaseUrl;
  throw unreachable(
    `no database is known (DATABASE_URL is not set, and no belay up runs with ${stateFolder})`,
    'run belay up in this folder, or set DATABASE_URL',
  );
}

/** Host, port and database of a connection string, without its user and password. */
export function databasePlace(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'the address in DATABASE_URL';
  }
}
