/** Who signed a statement, and whether they suffice: people are counted, not keys. Changes nothing. */
import { signerOf } from '../../../activities/sshsig/signer.js';
import { promotionNamespace, type Statement } from '../../../activities/store/trust/statement.js';
import type { Rules } from '../../../activities/store/trust/rules.js';
import { refused } from '../complaint.js';
import type { Signers } from './folder.js';

export interface Signed {
  readonly statement: Statement;
  /** As signed: the file's own bytes. */
  readonly bytes: Buffer;
  readonly signatures: readonly string[];
}

export interface Judging {
  readonly signers: Signers;
  readonly rules: Rules;
  /** Mail addresses and names of whoever wrote the runbooks. */
  readonly authors: readonly string[];
  readonly nowMs: number;
}

/** The people who signed, each once. Throws a refused Complaint for any signature that is not good, and for too few people. */
export function peopleOf({ statement, bytes, signatures }: Signed, judging: Judging): string[] {
  const { signers, rules, nowMs } = judging;
  const people = signatures.map((armoured, at) => {
    const asked = { message: bytes, armoured, namespace: promotionNamespace, ...signers, nowMs };
    const signer = signerOf(asked);
    if ('person' in signer) return signer.person;
    throw refused(
      `signature ${at + 1} does not count: ${signer.refused}`,
      `ssh-keygen -Y sign -n ${promotionNamespace} -f <key> <statement>`,
    );
  });
  const distinct = [...new Set(people)];
  const wanted = rules.signersMin[statement.to];
  if (distinct.length < wanted) {
    throw refused(
      `level ${statement.to} needs ${wanted} people to sign, ${distinct.length} did`,
      'bring the signatures of others with --signature',
    );
  }
  if (wanted > 1) requireIndependent(distinct, [statement.proposedBy, ...judging.authors]);
  return distinct;
}

function requireIndependent(people: readonly string[], involved: readonly string[]): void {
  const names = involved.map((name) => name.toLowerCase());
  if (people.some((person) => !names.includes(person.toLowerCase()))) return;
  throw refused(
    'everybody who signed proposed it or wrote the runbook',
    'one of two who sign is neither',
  );
}
