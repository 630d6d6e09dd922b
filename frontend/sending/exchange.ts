/* One file's talk with the server: it waits its turn, heeds what the person pressed, and asks again until there is an answer. */

import { Removed, type Control, type Session, type Turns } from "./control";
import type { Refused, State } from "./messages";
import { Patience } from "./patience";
import type { Answer } from "./requests";

const DOUBTED_AT_MOST = 3;
/** Milliseconds after which a session that was over is tried again: the person may have signed in on another page. */
const ASKED_AGAIN_AFTER = 15_000;
const PASSING = [408, 409, 423, 425, 429, 460];

/** The file cannot be sent, and why. */
export class Refusal extends Error {
  constructor(readonly why: Refused) {
    super(why);
  }
}

export class Exchange {
  private readonly patience = new Patience();
  private doubted = 0;
  private isInTurn = false;

  constructor(
    readonly control: Control,
    private readonly turns: Turns,
    private readonly session: Session,
    private readonly tell: (state: State) => void,
  ) {}

  get hasTurn(): boolean {
    return this.isInTurn;
  }

  get token(): string {
    return this.session.token;
  }

  async takeTurn(): Promise<void> {
    if (this.isInTurn) return;
    await this.control.restUntil(this.turns.take());
    this.isInTurn = true;
    await this.mayGoOn();
  }

  giveTurn(): void {
    if (this.isInTurn) this.turns.give();
    this.isInTurn = false;
  }

  /** Waits while the person wants it to; others have their turn meanwhile. Raises Removed. */
  async mayGoOn(mayBeHalted = true): Promise<void> {
    while (mayBeHalted ? this.control.isHeld : this.control.isPaused) {
      this.tell("paused");
      const hadTurn = this.isInTurn;
      this.giveTurn();
      await this.control.held();
      this.tell("waits");
      if (hadTurn) await this.takeTurn();
    }
    if (this.control.isRemoved) throw new Removed();
  }

  /** Makes a request that may be made twice until it is answered by success or one of `expected`. */
  async persist(request: () => Promise<Answer>, expected: readonly number[], mayBeHalted = true): Promise<Answer> {
    for (;;) {
      await this.mayGoOn(mayBeHalted);
      const answer = await request();
      if ((answer.status >= 200 && answer.status < 300) || expected.includes(answer.status)) {
        this.wentWell();
        return answer;
      }
      await this.overcome(answer);
    }
  }

  wentWell(): void {
    this.patience.reset();
    this.doubted = 0;
  }

  /** Waits until another try is worth it. Raises Refusal where none is. */
  async overcome(answer: Answer): Promise<void> {
    const { status } = answer;
    if (this.control.isRemoved || (status === 0 && this.control.isHeld)) return;
    if (status === 401 || (status === 403 && ++this.doubted < DOUBTED_AT_MOST)) return this.signInAgain();
    if (status === 413) throw new Refusal(faultOf(answer) === "files" ? "too-many-waiting" : "too-large");
    if (status !== 0 && status < 500 && !PASSING.includes(status)) throw new Refusal("refused");
    this.tell(status === 507 ? "full" : "retrying");
    await this.control.pauseUntil(null, this.patience.next());
  }

  private async signInAgain(): Promise<void> {
    this.tell("signed-out");
    await this.control.pauseUntil(this.session.regained(), ASKED_AGAIN_AFTER);
  }
}

/** The code of a refusal; empty where there is none. */
export function faultOf(answer: Answer): string {
  try {
    return String((JSON.parse(answer.body) as { error?: unknown }).error ?? "");
  } catch {
    return "";
  }
}
