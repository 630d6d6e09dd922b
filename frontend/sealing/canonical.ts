/* Canonical bytes (FORMAT section 1): one way to write each value. */

import { concat, utf8, type Bytes } from "./bytes";

const COUNT_MAX = 2 ** 32 - 1;
const ID_LENGTH = 16;
const TEXT_MAX = 1024;

/** A whole number in eight bytes, big-endian. Raises RangeError for one that a number cannot hold exactly. */
export function uint(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("no whole number");
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

export function octets(value: Bytes): Bytes {
  if (value.length > COUNT_MAX) throw new RangeError("too long");
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, value.length);
  return concat(length, value);
}

export function text(value: string): Bytes {
  const bytes = utf8(value);
  if (bytes.length > TEXT_MAX) throw new RangeError("too long");
  return octets(bytes);
}

export function id(value: Bytes): Bytes {
  if (value.length !== ID_LENGTH) throw new RangeError("no id");
  return octets(value);
}
