/* What tells a file from another one when somebody chooses it again. The server keeps no more than a keyed hash of it. */

import { concat, sha256, utf8, type Bytes } from "./bytes";
import { octets, uint } from "./canonical";
import { domain } from "./context";

const BEGINNING = 262_144;

/** SHA-256 over its name, its size, when it was changed, and its first 256 KiB. Raises where it cannot be read. */
export async function markOf(file: File): Promise<Bytes> {
  const beginning = new Uint8Array(await file.slice(0, BEGINNING).arrayBuffer());
  const canonical = [octets(utf8(file.name)), uint(file.size), uint(Math.max(0, file.lastModified)), octets(beginning)];
  return sha256(concat(domain("mark"), Uint8Array.of(0), ...canonical));
}
