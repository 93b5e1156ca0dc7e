/** Our verifier and the real ssh-keygen say the same of real signatures, whatever is altered in them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAllowedSigners, parseRevokedKeys } from '../../activities/sshsig/allowed-signers.js';
import { signerOf } from '../../activities/sshsig/signer.js';

const namespace = 'belay-promotion@v1';
const message = Buffer.from('{"to":4}\n');
const kinds = [
  ['ed25519', ['-t', 'ed25519']],
  ['ecdsa256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa521', ['-t', 'ecdsa', '-b', '521']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
] as const;

let folder = '';
const signatures = new Map<string, string>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-sshsig-'));
  for (const [kind, args] of kinds) {
    execFileSync('ssh-keygen', [
      ...args,
      '-q',
      '-N',
      '',
      '-C',
      'a comment',
      '-f',
      join(folder, kind),
    ]);
    signatures.set(kind, sign(kind, message));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sign(
  kind: string,
  bytes: Buffer,
  purpose = namespace,
  args: readonly string[] = [],
): string {
  const input = ['-Y', 'sign', '-q', '-n', purpose, '-f', join(folder, kind), ...args];
  return execFileSync('ssh-keygen', input, {
    input: bytes,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString();
}

function publicKey(kind: string): string {
  return readFileSync(join(folder, `${kind}.pub`), 'utf8').trim();
}

interface Case {
  readonly signers: string;
  readonly armoured: string;
  readonly bytes?: Buffer;
  readonly revoked?: string;
}

function ours({ signers, armoured, bytes = message, revoked = '' }: Case): string {
  const signer = signerOf({
    message: bytes,
    armoured,
    namespace,
    allowed: parseAllowedSigners(signers, 'allowed_signers'),
    revoked: parseRevokedKeys(revoked, 'revoked_keys'),
    nowMs: Date.now(),
  });
  return 'person' in signer ? signer.person : `refused: ${signer.refused}`;
}

/** What the real one says: the same question, the same files. */
function theirs({ signers, armoured, bytes = message, revoked = '' }: Case): 'good' | 'refused' {
  writeFileSync(join(folder, 'allowed'), `${signers}\n`);
  writeFileSync(join(folder, 'revoked'), `${revoked}\n`);
  writeFileSync(join(folder, 'signature'), armoured);
  const files = ['-f', join(folder, 'allowed'), '-s', join(folder, 'signature')];
  const args = [
    '-Y',
    'verify',
    '-n',
    namespace,
    '-I',
    'ana',
    '-r',
    join(folder, 'revoked'),
    ...files,
  ];
  return spawnSync('ssh-keygen', args, { input: bytes }).status === 0 ? 'good' : 'refused';
}

describe.each(kinds.map(([kind]) => kind))('a signature of %s', (kind) => {
  const armoured = (): string => signatures.get(kind) ?? '';
  const line = (options = ''): string => `ana ${options}${publicKey(kind)}`;

  test('is the person whose key it is', () => {
    const asked = { signers: line(), armoured: armoured() };
    expect([ours(asked), theirs(asked)]).toEqual(['ana', 'good']);
  });

  test.each([
    ['the same, for this namespace', 'namespaces="git,belay-promotion@v1" '],
    ['the same, by a pattern', 'namespaces="belay-*" '],
    ['the same, now', 'valid-after="20200101",valid-before="20990101000000Z" '],
  ])('counts on a line with options: %s', (_, options) => {
    const asked = { signers: line(options), armoured: armoured() };
    expect([ours(asked), theirs(asked)]).toEqual(['ana', 'good']);
  });

  test.each([
    ['it is for another namespace', 'namespaces="git" ', /may not sign for/],
    ['the key expired', 'valid-before="20200101" ', /has expired/],
    ['the key is not valid yet', 'valid-after="20990101Z" ', /not valid yet/],
  ])('is refused when %s', (_, options, why) => {
    const asked = { signers: line(options), armoured: armoured() };
    expect(ours(asked)).toMatch(why);
    expect(theirs(asked)).toBe('refused');
  });

  test('is refused of other bytes, of a revoked key, of a key nobody knows and of another purpose', () => {
    const good = { signers: line(), armoured: armoured() };
    const elsewhere = kind === 'ed25519' ? 'rsa' : 'ed25519';
    const cases: (readonly [Case, RegExp])[] = [
      [{ ...good, bytes: Buffer.from('{"to":5}\n') }, /not of these bytes/],
      [{ ...good, revoked: publicKey(kind) }, /revoked/],
      [{ ...good, signers: `ana ${publicKey(elsewhere)}` }, /none of the allowed/],
      [{ ...good, armoured: sign(kind, message, 'file') }, /signed for "file"/],
    ];
    for (const [asked, why] of cases) {
      expect(ours(asked)).toMatch(why);
      expect(theirs(asked)).toBe('refused');
    }
  });

  test('is refused with any byte of it changed', () => {
    const body = Buffer.from(armoured().split('\n').slice(1, -2).join(''), 'base64');
    const property = fc.property(
      fc.nat(body.length - 1),
      fc.integer({ min: 1, max: 255 }),
      (at, by) => {
        const altered = Buffer.from(body);
        altered[at] = (altered[at] ?? 0) ^ by;
        const said = ours({ signers: line(), armoured: armouredOf(altered) });
        expect(said.startsWith('refused')).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  test('is refused cut short, lengthened, or without its armour', () => {
    const body = Buffer.from(armoured().split('\n').slice(1, -2).join(''), 'base64');
    for (let length = 0; length < body.length; length += 7) {
      expect(ours({ signers: line(), armoured: armouredOf(body.subarray(0, length)) })).toMatch(
        /refused/,
      );
    }
    const longer = armouredOf(Buffer.concat([body, Buffer.from('x')]));
    expect(ours({ signers: line(), armoured: longer })).toMatch(/goes on after its end/);
    expect(ours({ signers: line(), armoured: body.toString('base64') })).toMatch(/armour/);
    expect(ours({ signers: line(), armoured: '' })).toMatch(/armour/);
  });
});

function armouredOf(body: Buffer): string {
  const lines = body.toString('base64').replace(/(.{70})/g, '$1\n');
  return `-----BEGIN SSH SIGNATURE-----\n${lines}\n-----END SSH SIGNATURE-----\n`;
}

test('a signature with the other hash counts too', () => {
  const armoured = sign('ed25519', message, namespace, ['-O', 'hashalg=sha256']);
  expect(ours({ signers: `ana ${publicKey('ed25519')}`, armoured })).toBe('ana');
});

describe('a file of allowed signers is refused, with the line and the fix, when', () => {
  const key = (): string => publicKey('ed25519');
  test.each([
    [
      'it names an authority',
      () => `ana cert-authority ${key()}`,
      /:2: cert-authority is not taken/,
    ],
    ['an option is unknown', () => `ana shiny ${key()}`, /:2: the option shiny is not known/],
    [
      'an option comes twice',
      () => `ana valid-after="20200101",valid-after="20200102" ${key()}`,
      /given twice/,
    ],
    ['a time is none', () => `ana valid-after="20201301" ${key()}`, /no time of a calendar/],
    ['a quote is not closed', () => `ana namespaces="x ${key()}`, /not closed|cannot be read/],
    ['a person is a pattern', () => `*@shop ${key()}`, /is a pattern or a list/],
    ['a line names two people', () => `ana,bo ${key()}`, /one person a line/],
    [
      'two people have one key',
      () => `ana ${key()}\nbo ${key()}`,
      /:2: the key of ana is also bo's \(line 3\)/,
    ],
    [
      'the key is of another type',
      () => `ana ssh-rsa ${key().split(' ')[1] ?? ''}`,
      /the line says ssh-rsa/,
    ],
    ['the key is no base64', () => 'ana ssh-ed25519 AAAA*', /is no base64/],
    [
      'the type is not taken',
      () => 'ana sk-ssh-ed25519@openssh.com AAAA',
      /not known|cannot be read/,
    ],
    ['there is no key', () => 'ana', /:2: a line is/],
  ])('%s', (_, text, why) => {
    expect(() => parseAllowedSigners(`# people\n${text()}`, 'allowed_signers')).toThrow(why);
  });

  test('its list of revoked keys is binary', () => {
    expect(() => parseRevokedKeys('SSHKRL\n\0', 'revoked_keys')).toThrow(/binary/);
  });
});
