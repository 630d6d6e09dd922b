/* One file on its way: sealed block by block, sent piece by piece, and taken up where the server says it stands. */

import { fromBase64, fromHex, random, toHex, uuid, type Bytes } from "../sealing/bytes";
import { markOf } from "../sealing/mark";
import { Segment, type Read, type Target } from "../sealing/segment";
import { Control, Removed, type Session, type Turns } from "./control";
import { Exchange, Refusal, faultOf } from "./exchange";
import type { Refused, Said, Standing, State, TargetWords } from "./messages";
import { Pieces } from "./patience";
import { ascii, create, head, patch, pathOf, postJson, remove, type Answer } from "./requests";

const ID_LENGTH = 16;
const ANEW_AT_MOST = 6;
const TOLD_EVERY = 250;
const UNKNOWN = [404, 410];

/** Which segment comes next, from which byte of the file, and where it goes. */
interface Plan {
  readonly segment: number;
  readonly from: number;
  readonly target: TargetWords;
}

/** What the server says of a file that was begun before. */
interface Resumed {
  readonly segment: number;
  readonly origin: number;
  readonly length: number;
  readonly target: TargetWords;
}

interface Surroundings {
  readonly turns: Turns;
  readonly session: Session;
  readonly tell: (standing: Standing) => void;
}

/** `damaged`: other bytes arrived than were sent. `astray`: the server stands where this page cannot go on with its key. */
type Outcome = "whole" | "damaged" | "astray";

export class Upload {
  readonly control = new Control();
  private asset: Bytes;
  private readonly exchange: Exchange;
  private pieces = new Pieces();
  private path: string | null = null;
  private begun: boolean;
  private state: State = "waits";
  private why: Refused | null = null;
  private sent = 0;
  private told = 0;
  private wasAnswered = true;
  private hasEnded = false;

  /** `asset`: of a file that was begun before. */
  constructor(
    private readonly id: number,
    private readonly file: File,
    private readonly said: Said,
    asset: Bytes | null,
    private readonly around: Surroundings,
  ) {
    this.begun = asset !== null;
    this.asset = asset ?? random(ID_LENGTH);
    this.exchange = new Exchange(this.control, around.turns, around.session, (state) => this.tell(state));
  }

  pause(): void {
    this.control.pause();
    if (!this.exchange.hasTurn) this.tell("paused");
  }

  goOn(): void {
    this.control.goOn();
    if (!this.exchange.hasTurn) this.tell("waits");
  }

  remove(): void {
    this.control.remove();
    if (this.hasEnded) void this.forget();
  }

  /** Settles when the file has arrived, was removed or is refused; the last standing says which. */
  async run(target: TargetWords | null): Promise<void> {
    try {
      this.tell("waits");
      await this.sendAll(target);
      this.sent = this.file.size;
      this.tell("done");
    } catch (error) {
      await this.giveUp(error);
    } finally {
      this.exchange.giveTurn();
      this.control.ended();
      this.hasEnded = true;
    }
  }

  private async sendAll(target: TargetWords | null): Promise<void> {
    let plan = target === null ? await this.askWhere(null) : beginning(target);
    for (let times = 0; times < ANEW_AT_MOST; times++) {
      if (plan === "whole") return;
      const outcome = await this.sendSegment(plan);
      if (outcome === "whole") return;
      if (outcome === "astray") plan = await this.askWhere(plan.target);
    }
    throw new Refusal("damaged");
  }

  /** Under a key of its own, which goes with it. */
  private async sendSegment(plan: Plan): Promise<Outcome> {
    this.pieces = new Pieces(plan.target.piece);
    const length = this.file.size - plan.from;
    const part = { asset: this.asset, number: plan.segment, length };
    const segment = await Segment.begin(targetOf(plan.target), part, this.reader(plan.from));
    if (!(await this.create(plan, segment))) return "astray";
    await this.exchange.takeTurn();
    const shown = (offset: number): number => plan.from + Math.floor((length * offset) / segment.length);
    let start = 0;
    let coming = segment.nextBlock();
    for (let block = await coming; block !== null; block = await coming) {
      coming = segment.nextBlock();
      coming.catch(() => {}); // told where it is awaited
      if (!(await this.sendBlock(block, start, shown))) return "astray";
      start += block.length;
    }
    return this.finish(await segment.digest());
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
    const begin = (): Promise<Answer> => create(segment.length, metadata, this.control.signal);
    const answer = await this.exchange.persist(begin, [404, 409], false);
    if (answer.status >= 300) return false;
    this.path = pathOf(answer.location);
    this.begun = true;
    this.tell("waits");
    return true;
  }

  /** Says whether the whole block arrived; where it did not, the server stands where this page cannot go back to. */
  private async sendBlock(block: Bytes, start: number, shown: (offset: number) => number): Promise<boolean> {
    let at = start;
    while (at < start + block.length) {
      await this.exchange.mayGoOn();
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
    const [path, began] = [this.pathNow(), Date.now()];
    const answer = await patch(path, at, piece, this.control.signal, progress);
    if (answer.status === 204 && answer.offset === at + piece.length) {
      this.exchange.wentWell();
      if (piece.length >= this.pieces.size) this.pieces.arrived(Date.now() - began);
      return answer.offset;
    }
    if (answer.status === 0 && !this.control.isHeld) this.pieces.cut();
    if (answer.status !== 204 && !UNKNOWN.includes(answer.status)) await this.exchange.overcome(answer);
    return (await this.exchange.persist(() => head(path, this.control.signal), UNKNOWN)).offset;
  }

  private async finish(digest: Bytes): Promise<Outcome> {
    this.tell("finishing");
    const path = `${this.pathNow()}/whole`;
    const post = async (): Promise<Answer> => {
      const answer = await postJson(path, this.exchange.token, { digest: toHex(digest), said: this.said }, this.control.signal);
      if (answer.status === 0 || answer.status >= 500) this.wasAnswered = false;
      return answer;
    };
    const answer = await this.exchange.persist(post, [404, 409, 410]);
    if (answer.status < 300) return "whole";
    return faultOf(answer) === "digest" ? "damaged" : "astray";
  }

  /** Where the file goes on. `target`: where it goes if the server knows nothing of it; null where that cannot be.

      Raises Refusal where it is another file than the one begun, or is no longer known.
  */
  private async askWhere(target: TargetWords | null): Promise<Plan | "whole"> {
    const mark = toHex(await markOf(this.file));
    const ask = (): Promise<Answer> => postJson(`/uploads/assets/${uuid(this.asset)}/resume`, this.exchange.token, { mark }, this.control.signal);
    let answer = await this.exchange.persist(ask, [404, 409, 410]);
    while (answer.status === 409 && !["another-file", "whole-already"].includes(faultOf(answer))) {
      await this.exchange.overcome(answer);
      answer = await this.exchange.persist(ask, [404, 409, 410]);
    }
    if (answer.status === 409 && faultOf(answer) === "another-file") throw new Refusal("another-file");
    if (answer.status === 409) return "whole";
    if (answer.status < 300) return this.planOf(JSON.parse(answer.body) as Resumed, target);
    if (!this.wasAnswered) return "whole"; // it was asked to join its statement, and has: nothing of it is on its way any more
    if (target === null) throw new Refusal("gone");
    this.asset = random(ID_LENGTH); // what was given up is never taken up again under its name
    this.begun = false;
    return beginning(target);
  }

  private planOf(resumed: Resumed, before: TargetWords | null): Plan {
    if (resumed.length !== this.file.size || resumed.origin > this.file.size) throw new Refusal("another-file");
    this.progress(resumed.origin);
    return { segment: resumed.segment, from: resumed.origin, target: { ...before, ...resumed.target } };
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

  /** What the server has of this file goes; if it does not hear that, it goes when its time is over.
      A file that is whole has no address any more, and goes by its own name. */
  private async forget(): Promise<void> {
    const { signal } = new AbortController();
    const answer = this.path === null || this.state === "done" ? null : await remove(this.path, signal);
    const discard = `/notebook/files/${uuid(this.asset)}/discard`;
    if (this.begun && answer?.status !== 204) await postJson(discard, this.exchange.token, {}, signal);
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

function beginning(target: TargetWords): Plan {
  return { segment: 1, from: 0, target };
}

function targetOf(words: TargetWords): Target {
  const intake = { id: fromHex(words.key), publicKey: fromBase64(words.public) };
  return { installation: fromHex(words.installation), case: fromHex(words.case), intake };
}
