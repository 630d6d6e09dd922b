/* The tree digest of a segment's ciphertext (FORMAT section 8): WebCrypto cannot hash in pieces, but block by block. */

import { concat, sha256, type Bytes } from "./bytes";

/** Ciphertext bytes in every block but the last. */
export const BLOCK = 8_388_608;

const PREFIX = 3;

/** From the SHA-256 of each block, in order. */
export async function digestOfBlocks(digests: readonly Bytes[]): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(PREFIX), ...digests));
}
