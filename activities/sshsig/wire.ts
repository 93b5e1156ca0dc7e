/** Reads SSH's wire format (RFC 4251, section 5) from bytes that may be hostile; verifies nothing. */

/** Bytes that are not what they claim to be; the message says where, never what. */
export class MalformedSsh extends Error {
  override readonly name = 'MalformedSsh';
}

/** Takes a buffer apart from its front; every read throws MalformedSsh when the bytes end before it does. */
export class WireReader {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly what: string,
  ) {}

  raw(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw new MalformedSsh(`${this.what} ends too early`);
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  uint32(): number {
    return this.raw(4).readUInt32BE(0);
  }

  string(): Buffer {
    return this.raw(this.uint32());
  }

  text(): string {
    return this.string().toString('latin1');
  }

  /** Nothing may follow: bytes that nobody reads are bytes that nobody verified. */
  end(): void {
    if (this.at !== this.bytes.length) throw new MalformedSsh(`${this.what} goes on after its end`);
  }
}

/** Length and bytes. */
export function wireString(bytes: Buffer | string): Buffer {
  const body = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}
