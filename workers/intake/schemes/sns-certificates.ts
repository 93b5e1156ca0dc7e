/**
 * The certificates Amazon SNS signs with: fetched from SNS's own host over https, few of them kept. Everything is bounded,
 * for whoever can reach us can name one.
 */
import { X509Certificate } from 'node:crypto';
import { seconds } from '../../../workflows/domain/time.js';
import { Unavailable } from '../refusal.js';
import { placeOf } from './sns-envelope.js';

/** The PEM at the URL; undefined when there is none; throws when that cannot be told. */
export type FetchCertificate = (url: string) => Promise<string | undefined>;

export interface Certificates {
  /** Undefined when there is no usable certificate; throws Unavailable when that cannot be told now. */
  at(url: string): Promise<X509Certificate | undefined>;
}

/** One per region is in use, two while it changes. */
const keptMax = 16;
const underWayMax = 4;

const fetchTimeoutMs = seconds(3);
/** SNS's are about 2 KiB. */
const pemBytesMax = 16 * 1024;

/** Only SNS itself in the topic's own region may say with what it signs. */
export function isCertificateUrl(url: string, topicArn: string): boolean {
  const place = placeOf(topicArn);
  if (place === undefined) return false;
  const origin = `https://sns.${place.region}.${place.domain}/`;
  return url.startsWith(origin) && /^[\w-]{1,128}\.pem$/.test(url.slice(origin.length));
}

export function createCertificates(fetchOne: FetchCertificate): Certificates {
  const kept = new Map<string, X509Certificate>();
  const underWay = new Map<string, Promise<X509Certificate | undefined>>();
  const fetched = async (url: string): Promise<X509Certificate | undefined> => {
    try {
      const certificate = readCertificate(await fetchOne(url));
      if (certificate !== undefined) keep(kept, url, certificate);
      return certificate;
    } catch {
      throw new Unavailable('certificate-away', "SNS's certificate cannot be fetched");
    } finally {
      underWay.delete(url);
    }
  };
  return {
    async at(url) {
      const known = kept.get(url);
      if (known !== undefined) return known;
      const begun = underWay.get(url);
      if (begun !== undefined) return begun;
      if (underWay.size >= underWayMax) {
        throw new Unavailable('certificate-away', 'too many certificates are being fetched');
      }
      const fetching = fetched(url);
      underWay.set(url, fetching);
      return fetching;
    },
  };
}

function keep(kept: Map<string, X509Certificate>, url: string, one: X509Certificate): void {
  const [oldest] = kept.keys();
  if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest);
  kept.set(url, one);
}

function readCertificate(pem: string | undefined): X509Certificate | undefined {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Over the network: no redirect, 3 s, 16 KiB. A host that says there is none (403, 404) is believed. */
export const fetchCertificate: FetchCertificate = async (url) => {
  const signal = AbortSignal.timeout(fetchTimeoutMs);
  const response = await fetch(url, { redirect: 'error', signal });
  if (response.status === 403 || response.status === 404) return undefined;
  if (response.status !== 200 || response.body === null) {
    throw new Error(`SNS answered ${response.status} for its certificate`);
  }
  const chunks: Uint8Array[] = [];
  let lengthBytes = 0;
  for await (const chunk of response.body) {
    lengthBytes += chunk.length;
    if (lengthBytes > pemBytesMax) throw new Error('the certificate is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, lengthBytes).toString('latin1');
};
