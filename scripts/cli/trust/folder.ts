/** policies/trust: the rules, who may sign, whose keys no longer count, and the promotions that were signed. Reads and writes files. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  parseAllowedSigners,
  parseRevokedKeys,
  SignersError,
  type AllowedSigner,
} from '../../../activities/sshsig/allowed-signers.js';
import { defaultRules, rulesSchema, type Rules } from '../../../activities/store/trust/rules.js';
import type { RecordKey } from '../../../activities/store/trust/ceiling.js';
import { misused, refused } from '../complaint.js';
import { reasonOf } from '../reason.js';
import type { Terminal } from '../terminal.js';
import { readYaml } from '../yaml-file.js';

export interface FolderOption {
  readonly folder?: string;
}

export const folderOption = [
  '--folder <path>',
  'rules, allowed signers and signed promotions; else BELAY_TRUST_FOLDER, else policies/trust',
] as const;

export function folderOf({ env }: Pick<Terminal, 'env'>, { folder }: FolderOption): string {
  return folder ?? env['BELAY_TRUST_FOLDER'] ?? join('policies', 'trust');
}

export function rulesIn(folder: string): Rules {
  return readYaml(join(folder, 'rules.yaml'), rulesSchema, defaultRules);
}

export interface Signers {
  readonly allowed: readonly AllowedSigner[];
  readonly revoked: readonly Buffer[];
}

export function hasSigners(folder: string): boolean {
  return existsSync(join(folder, 'allowed_signers'));
}

/** Throws a Complaint that names file, line and fix. A file of revoked keys that is there and cannot be read is one too. */
export function signersIn(folder: string): Signers {
  const [allowed, revoked] = ['allowed_signers', 'revoked_keys'].map((name) => join(folder, name));
  if (allowed === undefined || !existsSync(allowed)) {
    throw refused(
      `there is no ${join(folder, 'allowed_signers')}`,
      'a line each: <person> namespaces="belay-promotion@v1" <key-type> <key>',
    );
  }
  try {
    return {
      allowed: parseAllowedSigners(readFileSync(allowed, 'utf8'), allowed),
      revoked:
        revoked !== undefined && existsSync(revoked)
          ? parseRevokedKeys(readFileSync(revoked, 'utf8'), revoked)
          : [],
    };
  } catch (error) {
    if (error instanceof SignersError) throw refused(error.message, 'mend the line');
    throw refused(`the signers cannot be read (${reasonOf(error)})`, `look at ${folder}`);
  }
}

/** Its name says what it is about, so a name that is a path is refused. */
export function promotionFile(folder: string, key: RecordKey): string {
  const parts = [key.actionClass, key.tier, key.environment];
  const odd = parts.find((part) => !/^[A-Za-z0-9_-]{1,80}$/.test(part));
  if (odd !== undefined) {
    throw misused(`"${odd}" cannot be part of a file name`, 'letters, digits, - and _ only');
  }
  return join(folder, `${parts.join('.')}.json`);
}
