/* Who may send now: what a person pressed, whose turn it is, and whether the session lives. */

/** The file was taken away by the person who chose it. */
export class Removed extends Error {}

/** As many as may send at the same time. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take(): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((settle) => this.waiting.push(settle));
  }

  give(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}

/** The session of the page. Where it is over, everything waits until the page says that it lives again. */
export class Session {
  token = "";
  private over: Promise<void> | null = null;
  private live: () => void = () => {};

  constructor(private readonly tell: () => void) {}

  async regained(): Promise<void> {
    this.over ??= new Promise((settle) => (this.live = settle));
    this.tell();
    return this.over;
  }

  isBack(token: string): void {
    this.token = token;
    this.live();
    this.over = null;
  }
}

/** The buttons of one file. */
export class Control {
  private wish: "going" | "paused" | "halted" | "removed" = "going";
  private request = new AbortController();
  private wake: (() => void)[] = [];
  private resting: (() => void)[] = [];
  private isAtRest = false;

  get isHeld(): boolean {
    return this.wish === "paused" || this.wish === "halted";
  }

  get isPaused(): boolean {
    return this.wish === "paused";
  }

  get isRemoved(): boolean {
    return this.wish === "removed";
  }

  /** Ends the request in hand when the person pauses or takes the file away. */
  get signal(): AbortSignal {
    return this.request.signal;
  }

  pause(): void {
    this.wish = "paused";
    this.interrupt();
    this.stir();
  }

  remove(): void {
    this.wish = "removed";
    this.interrupt();
    this.stir();
  }

  /** What is in hand is finished first. */
  halt(): void {
    if (this.wish === "going") this.wish = "halted";
  }

  proceed(): void {
    if (this.wish === "halted") this.goOn();
  }

  goOn(): void {
    if (this.wish !== "removed") this.wish = "going";
    this.stir();
  }

  /** Ends every wait: it is worth another try. */
  stir(): void {
    for (const settle of this.wake.splice(0)) settle();
  }

  /** Settles when the file may go on. */
  async held(): Promise<void> {
    while (this.isHeld) await this.restUntil(new Promise<void>((settle) => this.wake.push(settle)));
  }

  /** Waits for `event`, for so many milliseconds at most, or until the person or the page says otherwise. */
  async pauseUntil(event: Promise<void> | null, milliseconds: number): Promise<void> {
    let timer = 0;
    const time = new Promise<void>((settle) => (timer = self.setTimeout(settle, milliseconds)));
    const woken = new Promise<void>((settle) => this.wake.push(settle));
    await this.restUntil(Promise.race(event === null ? [time, woken] : [event, time, woken]));
    self.clearTimeout(timer);
  }

  /** Nothing is in hand while `event` is waited for. */
  async restUntil(event: Promise<void>): Promise<void> {
    this.isAtRest = true;
    for (const settle of this.resting.splice(0)) settle();
    await event;
    this.isAtRest = false;
  }

  /** Settles once nothing of the file is in hand. */
  async rested(): Promise<void> {
    if (!this.isAtRest) await new Promise<void>((settle) => this.resting.push(settle));
  }

  /** The file needs nothing more. */
  ended(): void {
    void this.restUntil(new Promise<void>(() => {}));
  }

  private interrupt(): void {
    this.request.abort();
    this.request = new AbortController();
  }
}
