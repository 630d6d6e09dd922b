/* Reading a context back from its canonical bytes, as strictly as Python does: for vectors alone. */

import type { Bytes } from "../sealing/bytes";
import type { Context } from "../sealing/context";
import { Fault } from "./opening";

const TEXT_MAX = 1024;
const ID_LENGTH = 16;

export function decodeContext(canonical: Bytes): Context {
  let at = 0;
  const take = (length: number): Bytes => {
    at += length;
    if (at > canonical.length) throw new Fault("Malformed", "cut-short");
    return canonical.slice(at - length, at);
  };
  const number = (length: number): number => take(length).reduce((value, byte) => value * 256 + byte, 0);
  const octets = (): Bytes => take(number(4));
  const text = (): string => readText(octets());
  const id = (): Bytes => readId(octets());
  const context = { table: text(), field: text(), case: id(), record: id(), version: number(8) };
  if (at !== canonical.length) throw new Fault("Malformed", "trailing-bytes");
  return context;
}

function readText(bytes: Bytes): string {
  if (bytes.length > TEXT_MAX) throw new Fault("Malformed", "text-length");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault("Malformed", "bad-utf8");
  }
}

function readId(bytes: Bytes): Bytes {
  if (bytes.length !== ID_LENGTH) throw new Fault("Malformed", "octets-length");
  return bytes;
}
