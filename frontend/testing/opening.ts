/* Opening what the browser seals: for tests alone, no page carries it. */

import { KEM_MLKEM768_X25519 as vendored } from "@panva/hpke-noble";
import { KEM_MLKEM768_X25519 as native, type KEMFactory } from "hpke";

import { BOX_MAGIC, ENCAPSULATED_LENGTH, boxInfo, suiteOf } from "../sealing/box";
import { concat, sha256, toHex, type Bytes } from "../sealing/bytes";
import { contextDigest, type Context } from "../sealing/context";
import { derive, deriveCipher } from "../sealing/derive";
import { PREFIX_LENGTH, SUITE } from "../sealing/prefix";
import { HEADER_LENGTH, SEALED_CHUNK, STREAM_MAGIC, TAG_LENGTH, nonce } from "../sealing/stream";

/** The families and codes that Python has. */
export class Fault extends Error {
  constructor(
    readonly family: "Malformed" | "Refused" | "UnknownFormat" | "WrongKey",
    readonly code: string,
  ) {
    super(`${family}: ${code}`);
  }
}

export interface Opened {
  readonly plain: Bytes;
  readonly keyId: Bytes;
}

export interface Where {
  readonly context: Context;
  readonly installation: Bytes;
}

export async function openStream(key: Bytes, where: Where, sealed: Bytes, cut: boolean): Promise<Opened> {
  const header = sealed.slice(0, HEADER_LENGTH);
  const keyId = await readPrefix(header, STREAM_MAGIC, HEADER_LENGTH, where);
  const salt = header.slice(PREFIX_LENGTH, PREFIX_LENGTH + 32);
  if (!same(header.slice(PREFIX_LENGTH + 32), await derive(key, "stream/commit", salt))) throw new Fault("WrongKey", "wrong-commitment");
  const body = sealed.subarray(HEADER_LENGTH);
  const rest = body.length % SEALED_CHUNK;
  if (body.length < TAG_LENGTH || (body.length > SEALED_CHUNK && rest > 0 && rest <= TAG_LENGTH) || (cut && rest > 0)) {
    throw new Fault("Malformed", "impossible-length");
  }
  const chunks = Math.ceil(body.length / SEALED_CHUNK);
  const cipher = await deriveCipher(key, "stream/key", salt, "decrypt");
  const binding = await sha256(header);
  const plain: Bytes[] = [];
  for (let number = 0; number < chunks; number++) {
    const gcm = { name: "AES-GCM", iv: nonce(number, !cut && number === chunks - 1), additionalData: binding };
    const chunk = body.slice(number * SEALED_CHUNK, (number + 1) * SEALED_CHUNK);
    plain.push(new Uint8Array(await authentic(crypto.subtle.decrypt(gcm, cipher, chunk))));
  }
  return { plain: concat(...plain), keyId };
}

export async function openBox(seed: Bytes, recipient: Bytes, where: Where, box: Bytes, by: "native" | "vendored"): Promise<Opened> {
  const overhead = PREFIX_LENGTH + ENCAPSULATED_LENGTH + TAG_LENGTH;
  const keyId = await readPrefix(box, BOX_MAGIC, overhead, where, recipient);
  const [encapsulated, ciphertext] = [box.slice(PREFIX_LENGTH, PREFIX_LENGTH + ENCAPSULATED_LENGTH), box.slice(PREFIX_LENGTH + ENCAPSULATED_LENGTH)];
  const suite = suiteOf(kemOf(by));
  const key = await suite.DeserializePrivateKey(seed, false);
  const opened = suite.Open(key, encapsulated, ciphertext, { info: boxInfo(box.slice(0, PREFIX_LENGTH)) });
  return { plain: new Uint8Array(await authentic(opened)), keyId };
}

export function kemOf(by: "native" | "vendored"): KEMFactory {
  return by === "native" ? native : vendored;
}

async function readPrefix(sealed: Bytes, magic: string, length: number, where: Where, recipient?: Bytes): Promise<Bytes> {
  if (new TextDecoder("latin1").decode(sealed.subarray(0, 4)) !== magic) throw new Fault("UnknownFormat", "unknown-magic");
  if (sealed[4] !== SUITE) throw new Fault("UnknownFormat", "unknown-suite");
  if (sealed.length < length) throw new Fault("Malformed", "cut-header");
  const keyId = sealed.slice(5, 21);
  if (recipient !== undefined && !same(keyId, recipient)) throw new Fault("WrongKey", "another-recipient");
  const digest = await contextDigest(where.context, where.installation);
  if (!same(sealed.slice(21, PREFIX_LENGTH), digest)) throw new Fault("Refused", "wrong-context");
  return keyId;
}

async function authentic<T>(opening: Promise<T>): Promise<T> {
  return opening.catch(() => {
    throw new Fault("Refused", "not-authentic");
  });
}

function same(a: Bytes, b: Bytes): boolean {
  return toHex(a) === toHex(b);
}
