/* What the headers of boxes and streams have in common: magic, suite, key or recipient id, context digest. */

import { concat, utf8, type Bytes } from "./bytes";

export const SUITE = 1;
export const PREFIX_LENGTH = 53;

export function prefix(magic: string, keyId: Bytes, contextDigest: Bytes): Bytes {
  const whole = concat(utf8(magic), Uint8Array.of(SUITE), keyId, contextDigest);
  if (whole.length !== PREFIX_LENGTH) throw new RangeError("no prefix");
  return whole;
}
