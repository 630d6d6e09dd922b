/* A segment of a file as blocks of ciphertext, made in order as they are wanted, so that memory stays flat. */

import { random, sha256, type Bytes } from "./bytes";
import { sealBox, type Recipient } from "./box";
import { keyContext, segmentContext } from "./context";
import { CHUNK, StreamSealer, ciphertextLength } from "./stream";
import { BLOCK, digestOfBlocks } from "./tree";

const KEY_LENGTH = 32;
const ID_LENGTH = 16;
/** Chunks that are read and sealed at once. */
const AT_ONCE = 8;

/** `size` bytes of the plaintext from `offset`. */
export type Read = (offset: number, size: number) => Promise<Bytes>;

/** Where the files of a form go. */
export interface Target {
  readonly installation: Bytes;
  readonly case: Bytes;
  readonly intake: Recipient;
}

/** Where a segment stands in its file: its number, and its plaintext bytes. */
export interface Part {
  readonly asset: Bytes;
  readonly number: number;
  readonly length: number;
}

/** The file key is made here, sealed into `box`, and wiped: what is left of it cannot be taken out. */
export class Segment {
  readonly length: number;
  private readonly digests: Bytes[] = [];
  private readonly buffers: Bytes[] = [];
  /** Sealed, and in no block yet. */
  private readonly waiting: Bytes[];
  private made = 0;
  private sealed = 0;

  private constructor(
    readonly keyId: Bytes,
    readonly box: Bytes,
    private readonly sealer: StreamSealer,
    private readonly plainLength: number,
    private readonly read: Read,
  ) {
    this.length = ciphertextLength(plainLength);
    this.waiting = [sealer.header];
  }

  static async begin(target: Target, part: Part, read: Read): Promise<Segment> {
    const [key, keyId] = [random(KEY_LENGTH), random(ID_LENGTH)];
    try {
      const context = segmentContext(target.case, part.asset, part.number);
      const sealer = await StreamSealer.begin({ key, keyId, context, installation: target.installation }, part.length);
      const box = await sealBox(target.intake, keyContext(keyId, target.case, part.asset), target.installation, key);
      return new Segment(keyId, box, sealer, part.length, read);
    } finally {
      key.fill(0);
    }
  }

  /** The next block, of which every one but the last has BLOCK bytes; null behind the last.
      It is written over by the one after the next: be done with it before that is asked for. */
  async nextBlock(): Promise<Bytes | null> {
    if (this.made === this.length) return null;
    const block = this.room(Math.min(BLOCK, this.length - this.made));
    let filled = 0;
    while (filled < block.length) {
      const sealed = this.waiting.shift() ?? (await this.sealSome());
      const fits = sealed.subarray(0, block.length - filled);
      block.set(fits, filled);
      filled += fits.length;
      if (fits.length < sealed.length) this.waiting.unshift(sealed.subarray(fits.length));
    }
    this.made += block.length;
    this.digests.push(await sha256(block));
    return block;
  }

  /** The tree digest, once every block was made. */
  async digest(): Promise<Bytes> {
    if (this.made !== this.length) throw new Error("not all of the segment was sealed");
    return digestOfBlocks(this.digests);
  }

  /** One of two buffers, in turns: memory that waits to be collected is memory all the same. */
  private room(size: number): Bytes {
    const turn = this.digests.length % 2;
    const buffer = (this.buffers[turn] ??= new Uint8Array(size));
    return buffer.subarray(0, size);
  }

  /** Seals what comes next of the file, and gives the first chunk of it; the others wait. */
  private async sealSome(): Promise<Bytes> {
    const plain = await this.read(this.sealed, Math.min(AT_ONCE * CHUNK, this.plainLength - this.sealed));
    this.sealed += plain.length;
    const chunks = Array.from({ length: Math.max(1, Math.ceil(plain.length / CHUNK)) }, (_, number) =>
      this.sealer.seal(plain.subarray(number * CHUNK, (number + 1) * CHUNK)),
    );
    const [first, ...others] = await Promise.all(chunks).finally(() => plain.fill(0));
    this.waiting.push(...others);
    return first ?? new Uint8Array();
  }
}
