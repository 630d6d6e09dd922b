/* Sealing a file in chunks (FORMAT section 8). A key seals one stream, and no chunk of it twice. */

import { concat, random, sha256, type Bytes } from "./bytes";
import { contextDigest, type Context } from "./context";
import { derive, deriveCipher } from "./derive";
import { prefix } from "./prefix";

export const STREAM_MAGIC = "VSS1";
/** Plaintext bytes in every chunk but the last. */
export const CHUNK = 262_144;
export const TAG_LENGTH = 16;
export const SEALED_CHUNK = CHUNK + TAG_LENGTH;
export const SALT_LENGTH = 32;
export const HEADER_LENGTH = 117;

const CHUNKS_MAX = 2 ** 32;

/** What a stream is sealed under: the file key, which the caller wipes, and where the stream belongs. */
export interface Place {
  readonly key: Bytes;
  readonly keyId: Bytes;
  readonly context: Context;
  readonly installation: Bytes;
}

/** Seals chunk after chunk of `length` plaintext bytes. It holds a key that cannot be taken out of it. */
export class StreamSealer {
  private next = 0;

  private constructor(
    readonly header: Bytes,
    private readonly binding: Bytes,
    private readonly cipher: CryptoKey,
    private readonly length: number,
  ) {}

  /** `salt` is for vectors alone. Raises RangeError for a length that no stream has. */
  static async begin(place: Place, length: number, salt: Bytes = random(SALT_LENGTH)): Promise<StreamSealer> {
    if (chunksOf(length) > CHUNKS_MAX) throw new RangeError("too long");
    const digest = await contextDigest(place.context, place.installation);
    const commitment = await derive(place.key, "stream/commit", salt);
    const header = concat(prefix(STREAM_MAGIC, place.keyId, digest), salt, commitment);
    const cipher = await deriveCipher(place.key, "stream/key", salt, "encrypt");
    return new StreamSealer(header, await sha256(header), cipher, length);
  }

  get chunks(): number {
    return chunksOf(this.length);
  }

  /** The next chunk, sealed. Raises RangeError where `plain` is not of its length. */
  async seal(plain: Bytes): Promise<Bytes> {
    const number = this.next;
    const expected = Math.min(CHUNK, this.length - number * CHUNK);
    if (number >= this.chunks || plain.length !== expected) throw new RangeError("not the next chunk");
    this.next += 1; // before anything is awaited: whatever fails, no nonce serves twice
    return sealChunk(this.cipher, this.binding, number, number === this.chunks - 1, plain);
  }
}

export async function sealChunk(cipher: CryptoKey, binding: Bytes, number: number, isLast: boolean, plain: Bytes): Promise<Bytes> {
  const gcm = { name: "AES-GCM", iv: nonce(number, isLast), additionalData: binding };
  return new Uint8Array(await crypto.subtle.encrypt(gcm, cipher, plain));
}

export function nonce(number: number, isLast: boolean): Bytes {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(3, Math.floor(number / 2 ** 32));
  view.setUint32(7, number % 2 ** 32);
  bytes[11] = isLast ? 1 : 0;
  return bytes;
}

/** Bytes of the stream, header included, that seals `length` bytes. */
export function ciphertextLength(length: number): number {
  return HEADER_LENGTH + length + TAG_LENGTH * chunksOf(length);
}

function chunksOf(length: number): number {
  return Math.max(1, Math.ceil(length / CHUNK));
}
