/* Where a ciphertext belongs (FORMAT section 4), so that it opens nowhere else. */

import { concat, sha256, toHex, utf8, type Bytes } from "./bytes";
import { id, text, uint } from "./canonical";

export interface Context {
  readonly table: string;
  readonly field: string;
  readonly case: Bytes;
  readonly record: Bytes;
  readonly version: number;
}

/** 32 bytes, which headers carry. */
export async function contextDigest(context: Context, installation: Bytes): Promise<Bytes> {
  const { table, field, case: caseId, record, version } = context;
  const canonical = concat(text(table), text(field), id(caseId), id(record), uint(version));
  return sha256(concat(domain("context"), Uint8Array.of(0), installation, canonical));
}

/** The string that sets one use of a key or hash apart from every other. */
export function domain(label: string): Bytes {
  return utf8(`vouchsafe/1/${label}`);
}

export function segmentContext(caseId: Bytes, asset: Bytes, segment: number): Context {
  return { table: "assets", field: "original", case: caseId, record: asset, version: segment };
}

export function keyContext(keyId: Bytes, caseId: Bytes, asset: Bytes): Context {
  return { table: "record_keys", field: toHex(keyId), case: caseId, record: asset, version: 1 };
}
