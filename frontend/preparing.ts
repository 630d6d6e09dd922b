/* The preparing of a file, followed while somebody looks at its page; what came of it is shown when they ask for that.
   Asking is no sign of life. Without this script one looks again by oneself. */

import { SIGNED_IN } from "./common/standing";

const SOON = 2_000;
const LATE = 20_000;
const SLOWER = 1.5;
const LONG_ENOUGH = 20 * 60_000;

interface Standing {
  state: string;
  words: string;
  glyph: string;
  late: boolean;
  under_way: boolean;
  ended: boolean;
}

/** Asks less and less often where nothing changes, and not at all once it is over, unseen, refused or long enough. */
class Following {
  private timer = 0;
  private wait = SOON;
  private changed = Date.now();
  private isAsking = false;
  private isOver = false;
  private isRefused = false;

  constructor(
    private readonly address: string,
    private readonly shown: Shown,
  ) {
    document.addEventListener("visibilitychange", () => this.begin());
    document.addEventListener(SIGNED_IN, () => {
      this.isRefused = false;
      this.begin();
    });
    this.plan();
  }

  private begin(): void {
    [this.wait, this.changed] = [SOON, Date.now()];
    void this.ask();
  }

  private plan(): void {
    window.clearTimeout(this.timer);
    if (this.rests || Date.now() - this.changed > LONG_ENOUGH) return;
    this.timer = window.setTimeout(() => void this.ask(), this.wait);
    this.wait = Math.min(LATE, this.wait * SLOWER);
  }

  private get rests(): boolean {
    return this.isOver || this.isRefused || document.hidden;
  }

  private async ask(): Promise<void> {
    if (this.rests || this.isAsking) return;
    this.isAsking = true;
    try {
      await this.compare();
    } catch {
      // no answer: asked again later
    } finally {
      this.isAsking = false;
    }
    this.plan();
  }

  private async compare(): Promise<void> {
    const answer = await fetch(this.address, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
    if (answer.status >= 500) return;
    this.isRefused = !answer.ok; // signed out, which leads elsewhere, or not theirs any more
    if (this.isRefused) return;
    const standing = (await answer.json()) as Standing;
    this.isOver = !standing.under_way;
    if (this.shown.tell(standing)) [this.wait, this.changed] = [SOON, Date.now()];
  }
}

/** The part of the page that says how it stands. */
class Shown {
  private readonly state: HTMLElement;
  private readonly words: HTMLElement;
  private readonly glyph: SVGUseElement;
  private readonly link: HTMLAnchorElement;
  private readonly spoken: HTMLElement;

  constructor(private readonly part: HTMLElement) {
    this.state = this.found(".state");
    this.words = this.found(".state > span");
    this.glyph = this.found(".state use");
    this.link = this.found("a[data-ended]");
    this.spoken = this.found("[role=status]");
  }

  /** Whether anything is another than before. Every share is seen; spoken is only what begins and what ends. */
  tell(standing: Standing): boolean {
    const isOther = standing.words !== this.words.textContent;
    this.words.textContent = standing.words;
    if (standing.state === this.part.dataset["state"]) return isOther;
    this.part.dataset["state"] = standing.state;
    this.glyph.setAttribute("href", `#g-${standing.glyph}`);
    this.state.classList.toggle("is-caution", standing.late);
    this.spoken.textContent = standing.words;
    this.part.querySelector("[data-preparing-since]")?.remove();
    if (!standing.under_way) this.end(standing.ended);
    return true;
  }

  /** Nothing is left to be cancelled; where somebody was about to, the keyboard goes on at the link. */
  private end(isEnded: boolean): void {
    const acts = this.found("[data-preparing-acts]");
    if (isEnded) this.link.textContent = this.link.dataset["ended"] ?? "";
    if (acts.contains(document.activeElement)) this.link.focus();
    acts.remove();
  }

  private found<E extends Element>(name: string): E {
    const found = this.part.querySelector<E>(name);
    if (found === null) throw new Error(`a file's page without ${name}`);
    return found;
  }
}

const part = document.querySelector<HTMLElement>("[data-preparing]");
if (part !== null) new Following(part.dataset["preparing"] ?? "", new Shown(part));
