/** Who signed: a signature, the bytes, and the people who may. Answers a person or why not; never throws for what was sent. */
import { permitsNamespace } from './signer-options.js';
import type { AllowedSigner } from './allowed-signers.js';
import { parseSignature } from './signature.js';
import { MalformedSsh } from './wire.js';

export interface Question {
  readonly message: Buffer;
  readonly armoured: string;
  /** The only one that is right here. */
  readonly namespace: string;
  readonly allowed: readonly AllowedSigner[];
  readonly revoked: readonly Buffer[];
  readonly nowMs: number;
}

export type Signer = { readonly person: string } | { readonly refused: string };

/** The person whose key signed exactly these bytes for exactly this purpose, and who may now. */
export function signerOf(question: Question): Signer {
  const { message, armoured, namespace, revoked } = question;
  try {
    const signature = parseSignature(armoured);
    const { publicKey } = signature;
    if (signature.namespace !== namespace) {
      return { refused: `it was signed for "${signature.namespace}", not for "${namespace}"` };
    }
    if (!signature.verifies(message)) return { refused: 'the signature is not of these bytes' };
    if (revoked.some((key) => key.equals(publicKey))) return { refused: 'the key was revoked' };
    return personOf(publicKey, question);
  } catch (error) {
    if (error instanceof MalformedSsh) return { refused: error.message };
    throw error;
  }
}

function personOf(publicKey: Buffer, { allowed, namespace, nowMs }: Question): Signer {
  const lines = allowed.filter((signer) => signer.publicKey.equals(publicKey));
  if (lines.length === 0) return { refused: 'the key is none of the allowed signers' };
  const refusals = lines.map((line) => [line, refusalOf(line, { namespace, nowMs })] as const);
  const good = refusals.find(([, why]) => why === undefined);
  if (good !== undefined) return { person: good[0].person };
  return { refused: refusals[0]?.[1] ?? 'the key may not sign this' };
}

function refusalOf(
  signer: AllowedSigner,
  { namespace, nowMs }: { readonly namespace: string; readonly nowMs: number },
): string | undefined {
  const { person, validAfterMs, validBeforeMs } = signer;
  if (!permitsNamespace(signer, namespace)) return `${person} may not sign for "${namespace}"`;
  if (validAfterMs !== undefined && nowMs < validAfterMs)
    return `the key of ${person} is not valid yet`;
  if (validBeforeMs !== undefined && nowMs > validBeforeMs)
    return `the key of ${person} has expired`;
  return undefined;
}
