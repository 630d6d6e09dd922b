/* The vectors that Python runs, read by the code that the browser runs. */

import { concat, fromHex, sha256, toHex, uuid, type Bytes } from "../sealing/bytes";
import { contextDigest, type Context } from "../sealing/context";
import { derive, deriveCipher } from "../sealing/derive";
import { CHUNK, StreamSealer, sealChunk } from "../sealing/stream";
import { BLOCK, digestOfBlocks } from "../sealing/tree";
import { decodeContext } from "./decoding";
import { openBox, openStream, type Where } from "./opening";

export interface Given {
  readonly [name: string]: unknown;
}

type Reader = (given: Given) => Promise<unknown>;

interface Chunk {
  readonly counter: number;
  readonly last: boolean;
  readonly start: number;
  readonly length: number;
  readonly salt: string;
}

/** Readers by the format that a vector names; a box is opened in both ways. */
export const READERS: Readonly<Record<string, Reader>> = {
  derive: async (given) => toHex(await derive(hex(given, "key"), said(given, "label"), hex(given, "salt"))),
  object: async (given) => {
    const context = decodeContext(hex(given, "canonical"));
    const { table, field, version } = context;
    const fields = { table, field, case: uuid(context.case), record: uuid(context.record), version };
    return { fields, digest: toHex(await contextDigest(context, plainId(said(given, "installation")))) };
  },
  box: (given) => readBox(given, "vendored"),
  "native-box": (given) => readBox(given, "native"),
  stream: (given) => readStream(given, false),
  "cut-stream": (given) => readStream(given, true),
  "tree-digest": async (given) => {
    const [start, length] = [count(given, "start"), count(given, "length")];
    const blocks = Array.from({ length: Math.ceil(length / BLOCK) }, (_, number) =>
      sha256(pattern(start + number * BLOCK, Math.min(BLOCK, length - number * BLOCK))),
    );
    return toHex(await digestOfBlocks(await Promise.all(blocks)));
  },
};

/** The plaintext of stream vectors: byte i is i mod 251. */
export function pattern(start: number, length: number): Bytes {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (start + at) % 251;
  return bytes;
}

export function plainId(text: string): Bytes {
  return fromHex(text.replace(/-/g, ""));
}

async function readBox(given: Given, by: "native" | "vendored"): Promise<unknown> {
  const opened = await openBox(hex(given, "seed"), hex(given, "recipient"), whereOf(given), hex(given, "box"), by);
  return { plaintext: toHex(opened.plain), recipient: uuid(opened.keyId) };
}

async function readStream(given: Given, cut: boolean): Promise<unknown> {
  const sealed = await follow(given);
  if (toHex(await sha256(sealed)) !== said(given, "sha256")) throw new Error("the recipe was followed wrongly");
  const { plain, keyId } = await openStream(hex(given, "key"), whereOf(given), sealed, cut);
  return { length: plain.length, sha256: toHex(await sha256(plain)), key_id: uuid(keyId) };
}

/** Header, the chunks as the recipe says, then what is cut off, added and turned over. */
async function follow(given: Given): Promise<Bytes> {
  const recipe = given["recipe"] as { key: string; sealed_for: readonly [string, string, string, string, number] };
  const key = fromHex(recipe.key);
  const place = { key, keyId: plainId(said(given, "key_id")), context: contextOf(recipe.sealed_for), installation: plainId(said(given, "installation")) };
  const parts = [(await StreamSealer.begin(place, 0, hex(given, "salt"))).header];
  for (const chunk of given["chunks"] as readonly Chunk[]) {
    const salt = fromHex(chunk.salt);
    const binding = await sha256((await StreamSealer.begin(place, 0, salt)).header);
    const cipher = await deriveCipher(key, "stream/key", salt, "encrypt");
    parts.push(await sealChunk(cipher, binding, chunk.counter, chunk.last, pattern(chunk.start, chunk.length)));
  }
  const whole = concat(...parts);
  const sealed = concat(whole.slice(0, whole.length - count(given, "cut")), hex(given, "append"));
  const flip = given["flip"];
  if (typeof flip === "number") sealed[flip] = (sealed[flip] ?? 0) ^ 1;
  return sealed;
}

/** What the shipped sealer makes of an accepted stream's plaintext, under the vector's salt. */
export async function sealAsVector(given: Given, length: number): Promise<string> {
  const place = { key: hex(given, "key"), keyId: plainId(said(given, "key_id")), ...whereOf(given) };
  const sealer = await StreamSealer.begin(place, length, hex(given, "salt"));
  const parts = [sealer.header];
  for (let number = 0; number < sealer.chunks; number++) {
    parts.push(await sealer.seal(pattern(number * CHUNK, Math.min(CHUNK, length - number * CHUNK))));
  }
  return toHex(await sha256(concat(...parts)));
}

function whereOf(given: Given): Where {
  const context = contextOf(given["context"] as readonly [string, string, string, string, number]);
  return { context, installation: plainId(said(given, "installation")) };
}

function contextOf([table, field, caseId, record, version]: readonly [string, string, string, string, number]): Context {
  return { table, field, case: plainId(caseId), record: plainId(record), version };
}

function said(given: Given, name: string): string {
  return String(given[name]);
}

function hex(given: Given, name: string): Bytes {
  return fromHex(said(given, name));
}

function count(given: Given, name: string): number {
  return Number(given[name]);
}
