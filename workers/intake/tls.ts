/** TLS at the intake: the server's options from files, and who is at the other end of a connection. Decides who may send nothing. */
import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { SettingsError } from '../settings.js';
import type { TlsFiles } from '../settings.js';
import type { ClientCertificate } from './schemes/scheme.js';

/**
 * A client's certificate is asked for when there is a CA to judge it by, and one nobody vouches for does not end the
 * connection: its sender may have another secret. Throws a SettingsError when a file cannot be read or used.
 */
export function tlsOptionsOf({ certFile, keyFile, clientCaFile }: TlsFiles): ServerOptions {
  const read = {
    cert: textOf('BELAY_INTAKE_TLS_CERT_FILE', certFile),
    key: textOf('BELAY_INTAKE_TLS_KEY_FILE', keyFile),
    minVersion: 'TLSv1.2' as const,
  };
  const asking =
    clientCaFile === null
      ? {}
      : {
          ca: textOf('BELAY_INTAKE_TLS_CLIENT_CA_FILE', clientCaFile),
          requestCert: true,
          rejectUnauthorized: false,
        };
  const options = { ...read, ...asking };
  checkUsable(options);
  return options;
}

function textOf(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const problem = `${setting} names a file that cannot be read (${code}): give a readable file`;
    throw new SettingsError([problem]);
  }
}

/** OpenSSL's own words may quote the files, so they are not repeated. */
function checkUsable(options: ServerOptions): void {
  try {
    createSecureContext(options);
  } catch {
    const names = 'BELAY_INTAKE_TLS_CERT_FILE, _KEY_FILE or _CLIENT_CA_FILE';
    throw new SettingsError([
      `${names} is not usable: give PEM files, the key being that of the certificate`,
    ]);
  }
}

/** One look at a connection's certificate, not one at every request. */
const seen = new WeakMap<Socket, ClientCertificate | null>();

/** Null for plain HTTP and for a client that shows none. */
export function certificateOf(socket: Socket): ClientCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  const known = seen.get(socket);
  if (known !== undefined) return known;
  const certificate = readCertificate(socket);
  seen.set(socket, certificate);
  return certificate;
}

function readCertificate(socket: TLSSocket): ClientCertificate | null {
  const peer = socket.getPeerX509Certificate();
  if (peer === undefined) return null;
  return {
    isTrusted: socket.authorized,
    fingerprint: peer.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: subjectOf(peer.subject),
    validUntilMs: Date.parse(peer.validTo),
  };
}

/** A slash, an escape or a part of several values could make one name out of another: then only the fingerprint counts. */
export function subjectOf(lines: string | undefined): string | null {
  const parts = lines?.split('\n') ?? [];
  const isPlain = parts.every((part) => /^[A-Za-z0-9.]+=[^/\\+]+$/.test(part));
  return parts.length > 0 && isPlain ? `/${parts.join('/')}` : null;
}
