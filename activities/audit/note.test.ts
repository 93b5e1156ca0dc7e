/** Signed notes and checkpoints: the published examples, and that nothing else than what was signed opens. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkpointText, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { leafHash } from './merkle.js';
import {
  isSignedBy,
  keyIdOf,
  makeSigningKeyText,
  noteText,
  parseSigningKey,
  parseVerifierKey,
  signatureTypes,
  signBytes,
  splitNote,
  verifierKeyText,
} from './note.js';

/** The example of golang.org/x/mod/sumdb/note, where the format comes from. */
const published = {
  verifier: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  signer: 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  line: '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

/** The example of c2sp.org/tlog-cosignature. */
const cosigned = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

describe('a signed note', () => {
  test('signing the published text with the published key gives the published note', () => {
    const key = parseSigningKey(published.signer);
    const signature = {
      name: key.name,
      id: keyIdOf(key, signatureTypes.ed25519),
      signature: signBytes(key, published.text),
    };
    expect(noteText(published.text, [signature])).toBe(`${published.text}\n${published.line}`);
    expect(verifierKeyText(key)).toBe(published.verifier);
  });

  test('the published note is signed by the published key', () => {
    const { text, signatures } = splitNote(`${published.text}\n${published.line}`);
    const key = parseVerifierKey(published.verifier);
    expect(signatures.map(({ name, id }) => [name, id.toString('hex')])).toEqual([
      ['PeterNeumann', 'c74f20a3'],
    ]);
    expect(isSignedBy(key, text, signatures[0]?.signature ?? Buffer.alloc(0))).toBe(true);
    expect(isSignedBy(key, `${text}x`, signatures[0]?.signature ?? Buffer.alloc(0))).toBe(false);
  });

  test.each([
    ['', 'this is no signed note'],
    ['text\n', 'this is no signed note'],
    ['te\u0007xt\n\n— a AAAAAAA=\n', 'this is no signed note'],
    ['text\n\n- a AAAAAAA=\n', 'a signature line looks like'],
    ['text\n\n— a+b AAAAAAA=\n', 'a signature line looks like'],
    ['text\n\n— a AAAAAAA\n', 'a signature line looks like'],
    [`text\n\n${'— a AAAAAAA=\n'.repeat(101)}`, 'too many signatures'],
  ])('%j is none', (note, why) => {
    expect(() => splitNote(note)).toThrow(why);
  });

  test.each([
    '',
    'x',
    'a+b+c',
    published.verifier.replace('c74f20a3', 'c74f20a4'),
    published.signer,
    `${published.verifier}x`,
  ])('%j is no verifier key', (text) => {
    expect(() => parseVerifierKey(text)).toThrow(/verifier key/);
  });

  test.each([
    '',
    published.verifier,
    published.signer.slice(0, -4),
    published.signer.replace('c74f20a3', 'c74f20a4'),
  ])('what is no signing key is said so, and not repeated', (text) => {
    const tried = () => parseSigningKey(text);
    expect(tried).toThrow(/signing key/);
    expect(tried).not.toThrow(/AYEKFALV/);
  });
});

describe('a checkpoint', () => {
  const key = parseSigningKey(makeSigningKeyText('ledger.example/belay'));
  const content = { size: 7, root: leafHash('x'), atMs: 1_700_000_000_000 };
  const note = signCheckpoint(key, content);

  test('reads the published example', () => {
    const { text, signatures } = splitNote(cosigned);
    const read = parseCheckpoint(text);
    expect([read.origin, read.size]).toEqual(['example.com/behind-the-sofa', 20_852_163]);
    expect(checkpointText(read)).toBe(text);
    expect(signatures[1]?.signature.length).toBe(72);
    expect(signatures[1]?.signature.readBigUInt64BE(0)).toBe(1_679_315_147n);
  });

  test('opens with its key and says what was signed; the same again is the same text', () => {
    expect(openCheckpoint(note, key)).toEqual({ origin: key.name, ...content });
    expect(signCheckpoint(key, content)).toBe(note);
  });

  test('does not open with another key of the same name', () => {
    const other = parseSigningKey(makeSigningKeyText(key.name));
    expect(() => openCheckpoint(note, other)).toThrow('it is not signed by ledger.example/belay');
  });

  test('does not open when any one character is another', () => {
    fc.assert(
      fc.property(
        fc.nat(note.length - 1),
        fc.constantFrom('A', 'b', '3', ' ', '\n', '='),
        (at, letter) => {
          fc.pre(note[at] !== letter);
          expect(() =>
            openCheckpoint(`${note.slice(0, at)}${letter}${note.slice(at + 1)}`, key),
          ).toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('does not open with another time', () => {
    const later = splitNote(signCheckpoint(key, { ...content, atMs: content.atMs + 1000 }));
    const { text, signatures } = splitNote(note);
    const [, time] = signatures;
    const [plain] = later.signatures;
    if (time === undefined || plain === undefined) throw new Error('two signatures were made');
    const forged = Buffer.from(time.signature);
    forged.writeBigUInt64BE(1n);
    expect(() =>
      openCheckpoint(noteText(text, [plain, { ...time, signature: forged }]), key),
    ).toThrow('over its time is wrong');
  });
});
