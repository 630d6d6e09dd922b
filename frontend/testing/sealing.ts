/* The bundle that tests/browser/test_sealing.py drives: what it calls hangs on the window. */

import { fromHex, toBase64, toHex, type Bytes } from "../sealing/bytes";
import { Segment, type Target } from "../sealing/segment";
import { prefix } from "../sealing/prefix";
import { BOX_MAGIC, sealWith } from "../sealing/box";
import { contextDigest } from "../sealing/context";
import { StreamSealer } from "../sealing/stream";
import { Fault, kemOf } from "./opening";
import { READERS, pattern, sealAsVector, type Given } from "./vectors";

interface Asked {
  readonly installation: string;
  readonly case: string;
  readonly key: string;
  readonly public: string;
  readonly asset: string;
  readonly segment: number;
  readonly length: number;
}

/** What a vector gives: its result, or the refusal. */
async function read(format: string, given: Given): Promise<unknown> {
  const reader = READERS[format];
  if (reader === undefined) throw new Error(`no reader of ${format}`);
  try {
    return { result: await reader(given) };
  } catch (error) {
    if (error instanceof Fault) return { error: error.family, fault: error.code };
    throw error;
  }
}

function targetOf(asked: Asked): Target {
  const intake = { id: fromHex(asked.key), publicKey: fromHex(asked.public) };
  return { installation: fromHex(asked.installation), case: fromHex(asked.case), intake };
}

/** A file of the pattern, sealed as it is sent: its ciphertext in base64, and what goes with it. */
async function seal(asked: Asked): Promise<unknown> {
  const part = { asset: fromHex(asked.asset), number: asked.segment, length: asked.length };
  const segment = await Segment.begin(targetOf(asked), part, async (offset, size) => pattern(offset, size));
  const blocks: string[] = [];
  for (let block = await segment.nextBlock(); block !== null; block = await segment.nextBlock()) blocks.push(toBase64(block));
  const digest = toHex(await segment.digest());
  return { key: toHex(segment.keyId), box: toHex(segment.box), length: segment.length, digest, blocks };
}

/** A box around `plaintext`, by the browser or by the vendored code. */
async function box(asked: Asked, by: "native" | "vendored", plaintext: string): Promise<string> {
  const { intake, installation } = targetOf(asked);
  const context = { table: "statements", field: "body", case: fromHex(asked.case), record: fromHex(asked.asset), version: 1 };
  const header = prefix(BOX_MAGIC, intake.id, await contextDigest(context, installation));
  return toHex(await sealWith(kemOf(by), intake.publicKey, header, fromHex(plaintext)));
}

/** Whether the sealer refuses a second chunk of the same number, and one of another length. */
async function refusals(): Promise<boolean[]> {
  const id = new Uint8Array(16);
  const context = { table: "assets", field: "original", case: id, record: id, version: 1 };
  const begin = (): Promise<StreamSealer> => StreamSealer.begin({ key: new Uint8Array(32), keyId: id, context, installation: id }, 5);
  const refuses = async (sealer: StreamSealer, plain: Bytes): Promise<boolean> =>
    sealer.seal(plain).then(
      () => false,
      (error: unknown) => error instanceof RangeError,
    );
  const twice = await begin();
  await twice.seal(pattern(0, 5));
  return [await refuses(twice, pattern(0, 5)), await refuses(await begin(), pattern(0, 4))];
}

Object.assign(window, { sealing: { read, seal, box, sealAsVector, refusals } });
