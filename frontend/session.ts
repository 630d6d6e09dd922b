/* A page that outlives its session: it says so in time, and lets its own person sign in again without losing a word.
   Other scripts say SIGNED_OUT when a save was refused, and hear SIGNED_IN when it can be sent again; ACTIVE while they send files. */

import { ACTIVE, SIGNED_IN, SIGNED_OUT, ask, carry, clear, pageOf, tokenOf, type Standing } from "./common/standing";

const WARN_SECONDS = 180;
const ASK_SECONDS = WARN_SECONDS + 15;
const ASK_AGAIN_AFTER = 20_000;
const ACTIVE_MILLISECONDS = 180_000;

function part<E extends HTMLElement>(name: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(`[data-session-${name}]`);
  if (found === null) throw new Error(`a page without ${name}`);
  return found;
}

async function post(path: string, token: string, body: Readonly<Record<string, string>>): Promise<Response> {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
}

/** The dialog, which is put into the page when it is first needed.
    While the session is over nothing of the page shows behind it, and it cannot be closed. */
class Door {
  isLocked = false;
  /** What the dialog offers a page with a statement on it: to be kept sealed, with nobody signed in. */
  later: (() => void) | null = null;
  private readonly dialog: HTMLDialogElement;
  private readonly form: HTMLFormElement;
  private readonly refusal: HTMLElement;
  private isBusy = false;
  private waiting: ((standing: Standing | null) => void)[] = [];

  constructor() {
    const made = part<HTMLTemplateElement>("template").content.cloneNode(true) as DocumentFragment;
    this.dialog = part<HTMLDialogElement>("door", made);
    this.form = part<HTMLFormElement>("form", made);
    this.refusal = part<HTMLElement>("refusal", made);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.knock();
    });
    this.dialog.addEventListener("cancel", (event) => {
      if (this.isLocked) event.preventDefault();
    });
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the page's shortcuts rest
    part("other", made).addEventListener("click", (event) => {
      event.preventDefault();
      clear();
    });
    part("later", made).addEventListener("click", () => this.later?.());
  }

  /** Settles with the new session, or with null where the person put it off. */
  open(locked: boolean): Promise<Standing | null> {
    this.isLocked ||= locked;
    document.documentElement.toggleAttribute("data-ended", this.isLocked);
    for (const why of this.dialog.querySelectorAll<HTMLElement>("[data-session-why]")) {
      why.hidden = (why.dataset["sessionWhy"] === "ended") !== this.isLocked;
    }
    for (const player of document.querySelectorAll<HTMLMediaElement>("audio, video")) player.pause();
    part("later", this.dialog).hidden = this.later === null;
    if (!this.dialog.open) {
      this.say("");
      document.body.append(this.dialog);
      this.dialog.showModal();
    }
    return new Promise((settle) => this.waiting.push(settle));
  }

  /** The session turned out to live on: another page of the same person signed in. */
  release(standing: Standing): void {
    if (this.dialog.open) this.settle(standing);
  }

  private async knock(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.form.setAttribute("aria-busy", "true");
    try {
      await this.enter();
    } catch {
      this.say(this.form.dataset["failed"] ?? "");
    } finally {
      this.isBusy = false;
      this.form.removeAttribute("aria-busy");
    }
  }

  private async enter(): Promise<void> {
    const now = await ask();
    if (now.whose !== "" && now.whose !== pageOf()) return clear();
    const [words, code] = [this.field("words"), this.field("code")];
    const answer = await post(this.form.action, now.token, { whose: pageOf(), words: words.value, code: code.value });
    code.value = "";
    const said: unknown = await answer.json();
    if (answer.ok) {
      words.value = "";
      this.settle(said as Standing);
      return;
    }
    this.say((said as { what?: string }).what ?? "");
    (answer.status === 429 ? code : words).focus();
  }

  private settle(standing: Standing): void {
    carry(standing.token);
    this.isLocked = false;
    document.documentElement.removeAttribute("data-ended");
    const waiting = this.waiting.splice(0);
    this.dialog.close();
    this.dialog.remove();
    for (const settle of waiting) settle(standing);
    document.dispatchEvent(new CustomEvent(SIGNED_IN));
  }

  private closed(): void {
    if (this.dialog.open) return;
    for (const name of ["words", "code"]) this.field(name).value = "";
    if (this.isLocked) {
      this.dialog.showModal(); // some browsers close on a second Escape, whatever is said
      return;
    }
    this.dialog.remove();
    for (const settle of this.waiting.splice(0)) settle(null);
  }

  private say(words: string): void {
    this.refusal.textContent = words;
    this.refusal.hidden = words === "";
  }

  private field(name: string): HTMLInputElement {
    const found = this.form.elements.namedItem(name);
    if (!(found instanceof HTMLInputElement)) throw new Error(`a door without ${name}`);
    return found;
  }
}

/** How long is left. Who writes or reads is here: that counts by itself, so that only an idle page is warned. */
class Watch {
  private readonly strip = part<HTMLElement>("strip");
  private readonly time = part<HTMLElement>("time");
  private readonly button = part<HTMLButtonElement>("stay");
  private readonly spoken = part<HTMLElement>("spoken");
  private ends: number;
  private isLast = false;
  private asked = 0;
  private active = 0;

  constructor(private readonly door: Door) {
    this.ends = Date.now() + Number(this.strip.dataset["left"]) * 1000;
    for (const sign of ["keydown", "pointerdown", "input", "wheel", ACTIVE]) {
      document.addEventListener(sign, () => (this.active = Date.now()), { passive: true, capture: true });
    }
    this.button.addEventListener("click", () => void this.prolong());
    document.addEventListener("visibilitychange", () => this.look());
    window.setInterval(() => this.look(), 1000);
  }

  learn(standing: Standing): void {
    this.ends = Date.now() + standing.left * 1000;
    this.isLast = standing.last;
    this.show();
  }

  private get left(): number {
    return Math.max(0, Math.round((this.ends - Date.now()) / 1000));
  }

  private look(): void {
    if (this.left <= ASK_SECONDS && Date.now() - this.asked > ASK_AGAIN_AFTER) void this.compare();
    this.show();
  }

  /** What the page reckons may be wrong: another page, a player or a save has been a sign of life since. */
  private async compare(): Promise<void> {
    this.asked = Date.now();
    const isActive = Date.now() - this.active < ACTIVE_MILLISECONDS;
    try {
      const standing = await ask();
      if (standing.whose !== "" && standing.whose !== pageOf()) return clear();
      if (standing.left === 0) return void this.over();
      carry(standing.token);
      if (standing.left <= ASK_SECONDS && isActive && !standing.last) return await this.prolong();
      this.learn(standing);
      this.door.release(standing);
    } catch {
      if (this.left === 0) void this.over(); // no answer: lock rather than leave the page open
    }
  }

  private async prolong(): Promise<void> {
    if (this.isLast) {
      const standing = await this.door.open(false);
      if (standing !== null) this.learn(standing);
      return;
    }
    const answer = await post("/session", tokenOf(), {}).catch(() => null); // asked again in a moment
    if (answer?.ok) this.learn((await answer.json()) as Standing);
  }

  private async over(): Promise<void> {
    if (this.door.isLocked) return;
    this.ends = Date.now();
    this.show();
    const standing = await this.door.open(true);
    if (standing !== null) this.learn(standing);
  }

  private show(): void {
    const near = this.left <= WARN_SECONDS && this.left > 0;
    if (near && this.strip.hidden) this.announce();
    this.strip.hidden = !near;
    if (!near) return;
    const [minutes, seconds] = [Math.floor(this.left / 60), this.left % 60];
    this.time.textContent = `${minutes}:${String(seconds).padStart(2, "0")}`;
    this.button.textContent = (this.isLast ? this.button.dataset["again"] : this.button.dataset["stay"]) ?? "";
  }

  private announce(): void {
    this.spoken.textContent = this.spoken.dataset["words"] ?? "";
  }
}

/** Forms are sent once the session is known to live; one that comes too late waits for the dialog. */
class Gate {
  private readonly passing = new WeakSet<HTMLFormElement>();
  private readonly waiting = new WeakSet<HTMLFormElement>();
  private pressed: HTMLElement | null = null;

  constructor(
    private readonly door: Door,
    private readonly watch: Watch,
  ) {
    document.addEventListener("submit", (event) => this.stop(event), true);
    const statement = document.querySelector("form [name=capsule]")?.closest("form") ?? null;
    if (statement !== null) door.later = () => this.send(statement, this.pressed);
  }

  private stop(event: SubmitEvent): void {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.getAttribute("method") !== "post" || this.passing.delete(form)) return;
    if ("leave" in form.dataset || "sessionForm" in form.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.waiting.has(form)) return;
    this.waiting.add(form);
    form.setAttribute("aria-busy", "true");
    const submitter = (this.pressed = event.submitter);
    void this.admit().then((admitted) => {
      this.waiting.delete(form);
      if (admitted) this.send(form, submitter);
      else form.removeAttribute("aria-busy");
    });
  }

  private async admit(): Promise<boolean> {
    try {
      const standing = await ask();
      if (standing.whose === pageOf()) {
        carry(standing.token);
        return true;
      }
      if (standing.whose !== "") {
        if (this.door.later !== null) return true; // a statement: the server keeps it sealed for its author
        clear();
        return false;
      }
    } catch {
      return true; // the answer to the form itself will say what is wrong
    }
    const standing = await this.door.open(true);
    if (standing !== null) this.watch.learn(standing);
    return standing !== null;
  }

  private send(form: HTMLFormElement, submitter: HTMLElement | null): void {
    this.passing.add(form);
    form.addEventListener("submit", (event) => queueMicrotask(() => stayed(form, event)), { once: true });
    form.requestSubmit(submitter instanceof HTMLButtonElement && submitter.form === form ? submitter : null);
  }
}

/** A form that another script sends leaves the page where it is. */
function stayed(form: HTMLFormElement, event: Event): void {
  if (event.defaultPrevented) form.removeAttribute("aria-busy");
}

function start(): void {
  const door = new Door();
  const watch = new Watch(door);
  new Gate(door, watch);
  let isAsking = false;
  document.addEventListener(SIGNED_OUT, () => {
    if (isAsking) return;
    isAsking = true;
    void meet(door, watch).finally(() => (isAsking = false));
  });
}

/** A save was refused: for want of a session, or because another page has a newer one. */
async function meet(door: Door, watch: Watch): Promise<void> {
  let standing: Standing | null;
  try {
    standing = await ask();
  } catch {
    return; // the save is tried again, and asks again
  }
  if (standing.whose !== "" && standing.whose !== pageOf()) return clear();
  if (standing.whose === "") standing = await door.open(true);
  else {
    carry(standing.token);
    document.dispatchEvent(new CustomEvent(SIGNED_IN));
  }
  if (standing !== null) watch.learn(standing);
}

if (pageOf() !== "") start();
