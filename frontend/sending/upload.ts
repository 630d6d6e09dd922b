/* One file on its way: sealed block by block, sent piece by piece, and taken up where the server says it stands. */

import { fromBase64, fromHex, random, toHex, type Bytes } from "../sealing/bytes";
import { markOf } from "../sealing/mark";
import { Segment, type Read, type Target } from "../sealing/segment";
import { Control, Removed, type Session, type Turns } from "./control";
import type { Refused, Said, Standing, State, TargetWords } from "./messages";
import { Patience, Pieces } from "./patience";
import { NO_ANSWER, ascii, create, head, patch, pathOf, postJson, remove, type Answer } from "./requests";

const ID_LENGTH = 16;
const ANEW_AT_MOST = 5;
const TOLD_EVERY = 250;
const DOUBTED_AT_MOST = 3;
/** Milliseconds after which a session that was over is tried again: the person may have signed in on another page. */
const ASKED_AGAIN_AFTER = 15_000;

/** The file cannot be sent, and why. */
class Refusal extends Error {
  constructor(readonly why: Refused) {
    super(why);
  }
}

/** Which segment comes next, from which byte of the file, and where it goes. */
interface Plan {
  readonly segment: number;
  readonly from: number;
  readonly target: TargetWords;
}

interface Surroundings {
  readonly turns: Turns;
  readonly session: Session;
  readonly tell: (standing: Standing) => void;
}

/** What the server says of a file that was begun before. */
interface Resumed {
  readonly segment: number;
  readonly from: number;
  readonly length: number;
  readonly capsule?: string;
  readonly target: TargetWords;
}

export class Upload {
  readonly control = new Control();
  readonly asset: Bytes;
  private readonly patience = new Patience();
  private pieces = new Pieces(0);
  private path: string | null = null;
  private state: State = "waits";
  private why: Refused | null = null;
  private sent = 0;
  private told = 0;
  private doubted = 0;
  private holdsTurn = false;
  private hasEnded = false;
  private begun: boolean;

  constructor(
    private readonly id: number,
    private readonly file: File,
    public said: Said,
    asset: Bytes | null,
    private readonly around: Surroundings,
  ) {
    this.begun = asset !== null;
    this.asset = asset ?? random(ID_LENGTH);
  }

  pause(): void {
    this.control.pause();
    if (!this.holdsTurn) this.tell("paused");
  }

  goOn(): void {
    this.control.goOn();
    if (!this.holdsTurn) this.tell("waits");
  }

  remove(): void {
    this.control.remove();
    if (this.hasEnded) void this.forget();
  }

  /** Settles when the file has arrived, was removed or is refused; the last standing says which. */
  async run(target: TargetWords | null): Promise<void> {
    try {
      this.tell("waits");
      await this.sendAll(target === null ? await this.askWhere() : { segment: 1, from: 0, target });
      this.sent = this.file.size;
      this.tell("done");
    } catch (error) {
      await this.giveUp(error);
    } finally {
      this.giveTurn();
      this.control.ended();
      this.hasEnded = true;
    }
  }

  private async sendAll(first: Plan): Promise<void> {
    let plan = first;
    for (let times = 0; times < ANEW_AT_MOST; times++) {
      this.pieces = new Pieces(plan.target.piece);
      const outcome = await this.sendSegment(plan);
      if (outcome === "whole") return;
      await this.forget();
      if (outcome === "elsewhere") plan = await this.askWhere();
    }
    throw new Refusal("damaged");
  }

  /** `anew`: what arrived is of no use, and its key is gone. `elsewhere`: the server knows this file otherwise. */
  private async sendSegment(plan: Plan): Promise<"whole" | "anew" | "elsewhere"> {
    const length = this.file.size - plan.from;
    const part = { asset: this.asset, number: plan.segment, length };
    const segment = await Segment.begin(targetOf(plan.target), part, this.reader(plan.from));
    if (!(await this.create(plan, segment))) return "elsewhere";
    await this.takeTurn();
    let start = 0;
    let coming = segment.nextBlock();
    for (let block = await coming; block !== null; block = await coming) {
      coming = segment.nextBlock();
      coming.catch(() => {}); // told where it is awaited
      const shown = (offset: number): number => plan.from + Math.floor((length * offset) / segment.length);
      if (!(await this.sendBlock(block, start, shown))) return "anew";
      start += block.length;
    }
    return (await this.finish(await segment.digest())) ? "whole" : "anew";
  }

  /** Before its turn, so that the form names it and it can be taken up again even if it never had one. */
  private async create(plan: Plan, segment: Segment): Promise<boolean> {
    const metadata = {
      capsule: ascii(plan.target.capsule),
      asset: this.asset,
      segment: ascii(plan.segment),
      key: segment.keyId,
      box: segment.box,
      length: ascii(this.file.size),
      mark: await markOf(this.file),
      from: ascii(plan.from),
    };
    const answer = await this.persist(() => create(segment.length, metadata, this.control.signal), [409], false);
    if (answer.status === 409) return false;
    this.path = pathOf(answer.location);
    this.begun = true;
    this.tell("waits");
    return true;
  }

  /** Says whether the whole block arrived; where it did not, the server stands where this page cannot go back to. */
  private async sendBlock(block: Bytes, start: number, shown: (offset: number) => number): Promise<boolean> {
    let at = start;
    while (at < start + block.length) {
      await this.mayGoOn();
      this.tell("sending");
      const piece = block.subarray(at - start, at - start + this.pieces.size);
      const offset = await this.sendPiece(piece, at, (bytes) => this.progress(shown(at + Math.min(bytes, piece.length))));
      if (Number.isNaN(offset) || offset < start || offset > start + block.length) return false;
      at = offset;
      this.progress(shown(at));
    }
    return true;
  }

  /** Where the server stands afterwards; NaN where the upload is gone. */
  private async sendPiece(piece: Bytes, at: number, progress: (bytes: number) => void): Promise<number> {
    const path = this.pathNow();
    const began = Date.now();
    const answer = await patch(path, at, piece, this.control.signal, progress);
    if (answer.status === 204 && answer.offset === at + piece.length) {
      this.patience.reset();
      this.doubted = 0;
      if (piece.length >= this.pieces.size) this.pieces.arrived(Date.now() - began);
      return answer.offset;
    }
    if (answer.status === 0 && !this.control.isHeld) this.pieces.cut();
    if (answer.status >= 300 || answer.status === 0) await this.overcome(answer, [404, 410]);
    return (await this.persist(() => head(path, this.control.signal), [404, 410])).offset;
  }

  /** Says whether the server holds the same bytes as were sealed here. */
  private async finish(digest: Bytes): Promise<boolean> {
    this.tell("finishing");
    const path = `${this.pathNow()}/whole`;
    const post = (): Promise<Answer> => postJson(path, this.around.session.token, { digest: toHex(digest), said: this.said }, this.control.signal);
    const answer = await this.persist(post, [404, 409, 410]);
    return answer.status < 300;
  }

  /** Asks where a file that was begun before goes on. Raises Refusal where it is another one. */
  private async askWhere(): Promise<Plan> {
    const mark = toHex(await markOf(this.file));
    const path = `/uploads/assets/${toHex(this.asset)}/resume`;
    const answer = await this.persist(() => postJson(path, this.around.session.token, { mark }, this.control.signal), [404, 409, 410]);
    if (answer.status === 409) throw new Refusal("another-file");
    if (answer.status >= 300) throw new Refusal("refused");
    const resumed = JSON.parse(answer.body) as Resumed;
    if (resumed.length !== this.file.size || resumed.from > this.file.size) throw new Refusal("another-file");
    this.progress(resumed.from);
    return { segment: resumed.segment, from: resumed.from, target: { ...resumed.target, capsule: resumed.capsule ?? resumed.target.capsule } };
  }

  /** Makes a request that may be made twice until it is answered by success or one of `expected`. */
  private async persist(request: () => Promise<Answer>, expected: readonly number[], mayBeHalted = true): Promise<Answer> {
    for (;;) {
      await this.mayGoOn(mayBeHalted);
      const answer = await request();
      if ((answer.status >= 200 && answer.status < 300) || expected.includes(answer.status)) {
        this.patience.reset();
        this.doubted = 0;
        return answer;
      }
      await this.overcome(answer, []);
    }
  }

  /** Waits until another try is worth it. Raises Refusal where none is, unless the status is `expected`. */
  private async overcome(answer: Answer, expected: readonly number[]): Promise<void> {
    const { status } = answer;
    if (expected.includes(status) || this.control.isRemoved || (answer === NO_ANSWER && this.control.isHeld)) return;
    if (status === 401 || (status === 403 && ++this.doubted < DOUBTED_AT_MOST)) return this.signInAgain();
    if (status === 413) throw new Refusal("too-large");
    const isPassing = status === 0 || status >= 500 || [408, 409, 423, 425, 429, 460].includes(status);
    if (!isPassing) throw new Refusal("refused");
    this.tell(status === 507 ? "full" : "retrying");
    await this.control.pauseUntil(null, this.patience.next());
  }

  private async signInAgain(): Promise<void> {
    this.tell("signed-out");
    await this.control.pauseUntil(this.around.session.regained(), ASKED_AGAIN_AFTER);
  }

  /** Waits while the person wants it to; others have their turn meanwhile. Raises Removed. */
  private async mayGoOn(mayBeHalted = true): Promise<void> {
    while (mayBeHalted ? this.control.isHeld : this.control.isPaused) {
      this.tell("paused");
      const hadTurn = this.holdsTurn;
      this.giveTurn();
      await this.control.held();
      this.tell("waits");
      if (hadTurn) await this.takeTurn();
    }
    if (this.control.isRemoved) throw new Removed();
  }

  private async takeTurn(): Promise<void> {
    if (this.holdsTurn) return;
    await this.control.restUntil(this.around.turns.take());
    this.holdsTurn = true;
    await this.mayGoOn();
  }

  private giveTurn(): void {
    if (this.holdsTurn) this.around.turns.give();
    this.holdsTurn = false;
  }

  private async giveUp(error: unknown): Promise<void> {
    if (error instanceof Removed) {
      await this.forget();
      this.tell("removed");
      return;
    }
    this.why = error instanceof Refusal ? error.why : error instanceof DOMException ? "unreadable" : "refused";
    this.tell("refused");
  }

  /** What the server has of this upload goes; if it does not hear that, it goes when its time is over. */
  private async forget(): Promise<void> {
    if (this.path !== null) await remove(this.path, new AbortController().signal);
    this.path = null;
  }

  private reader(from: number): Read {
    return async (offset, size) => {
      const bytes = new Uint8Array(await this.file.slice(from + offset, from + offset + size).arrayBuffer());
      if (bytes.length !== size) throw new Refusal("unreadable");
      return bytes;
    };
  }

  private pathNow(): string {
    if (this.path === null) throw new Error("nothing was begun");
    return this.path;
  }

  private progress(sent: number): void {
    this.sent = sent;
    if (Date.now() - this.told > TOLD_EVERY) this.tell(this.state);
  }

  private tell(state: State): void {
    this.state = state;
    this.told = Date.now();
    const { id, sent, why, begun } = this;
    this.around.tell({ say: "stands", id, state, asset: toHex(this.asset), begun, sent, why });
  }
}

function targetOf(words: TargetWords): Target {
  const intake = { id: fromHex(words.key), publicKey: fromBase64(words.public) };
  return { installation: fromHex(words.installation), case: fromHex(words.case), intake };
}

