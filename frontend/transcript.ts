/* Writing down what is heard: keys for the player, changes in place, and a save a moment after the last key.
   Without this script the page is a plain form, and everything that it holds is sent the same way. */

import { SIGNED_IN, SIGNED_OUT, ask, carry, clear, pageOf } from "./common/standing";

const SAVE_AFTER = 1_500;
const TRY_AGAIN_AFTER = 10_000;
const STEP_SECONDS = 2;

interface Saved {
  revision: number;
  words: string;
}

interface Row {
  id: string;
  start: string;
  end: string;
  speaker: string;
  text: string;
}

type Fate = "saved" | "newer" | "signedOut" | "refused" | "failed";

const FIELDS = ["id", "start", "end", "speaker", "text"] as const;
type Field = (typeof FIELDS)[number];
type Control = HTMLInputElement | HTMLTextAreaElement;

/** A time as `18:07.5`, in milliseconds; NaN for anything else. The server reads it once more. */
function readTime(text: string): number {
  const found = /^(?:(?:(\d{1,2}):)?(\d{1,4}):)?(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (found === null) return Number.NaN;
  const [, hours = "0", minutes = "0", seconds = "0", parts = "0"] = found;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + Number(parts.padEnd(3, "0"));
}

function writeTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const rest = milliseconds % 1000;
  const pad = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const whole = hours > 0 ? `${hours}:${pad(minutes)}:${pad(second)}` : `${minutes}:${pad(second)}`;
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(3, "0").replace(/0+$/, "")}`;
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The rows of the table, which are the only copy of what was written until a save is answered. */
class Rows {
  constructor(private readonly form: HTMLFormElement) {}

  get all(): HTMLTableRowElement[] {
    return Array.from(this.form.querySelectorAll<HTMLTableRowElement>("[data-segment]"));
  }

  rowOf(inside: Element | null): HTMLTableRowElement | null {
    return inside?.closest<HTMLTableRowElement>("[data-segment]") ?? null;
  }

  control(row: HTMLTableRowElement, field: Field): Control {
    const found = row.querySelector<Control>(`[name^="${field}-"]`);
    if (found === null) throw new Error(`a row without ${field}`);
    return found;
  }

  read(): Row[] {
    return this.all.map((row) => {
      const value = (field: Field): string => this.control(row, field).value;
      return { id: value("id"), start: value("start"), end: value("end"), speaker: value("speaker"), text: value("text") };
    });
  }

  /** Whether every time can be read; what cannot is marked. */
  check(): boolean {
    const times = this.all.flatMap((row) => [this.control(row, "start"), this.control(row, "end")]);
    for (const time of times) {
      const bad = Number.isNaN(readTime(time.value));
      time.classList.toggle("bad", bad);
      time.setAttribute("aria-invalid", String(bad));
    }
    return !times.some((time) => time.classList.contains("bad"));
  }

  addAfter(row: HTMLTableRowElement, filled: Partial<Record<Field, string>> = {}): HTMLTableRowElement {
    const added = row.cloneNode(true) as HTMLTableRowElement;
    added.classList.remove("playing");
    const at = this.control(row, "end").value;
    const values = { id: newId(), start: at, end: at, speaker: this.control(row, "speaker").value, text: "", ...filled };
    row.after(added);
    for (const field of FIELDS) this.control(added, field).value = values[field];
    this.number();
    return added;
  }

  splitAt(row: HTMLTableRowElement): HTMLTableRowElement {
    const text = this.control(row, "text");
    const at = text === document.activeElement || text.selectionStart ? (text.selectionStart ?? text.value.length) : text.value.length;
    const [before, after] = [text.value.slice(0, at).trimEnd(), text.value.slice(at).trimStart()];
    const [start, end] = [readTime(this.control(row, "start").value), readTime(this.control(row, "end").value)];
    const share = text.value.length > 0 ? at / text.value.length : 1;
    const middle = Number.isNaN(start + end) ? this.control(row, "end").value : writeTime(Math.round(start + (end - start) * share));
    const added = this.addAfter(row, { start: middle, end: this.control(row, "end").value, text: after });
    text.value = before;
    this.control(row, "end").value = middle;
    return added;
  }

  joinWithNext(row: HTMLTableRowElement): void {
    const next = this.rowAfter(row);
    if (next === null) return;
    const [mine, theirs] = [this.control(row, "text"), this.control(next, "text")];
    mine.value = [mine.value, theirs.value].filter((text) => text !== "").join("\n");
    this.control(row, "end").value = this.control(next, "end").value;
    this.remove(next);
  }

  remove(row: HTMLTableRowElement): void {
    row.remove();
    this.number();
  }

  rowAfter(row: HTMLTableRowElement): HTMLTableRowElement | null {
    const rows = this.all;
    return rows[rows.indexOf(row) + 1] ?? null;
  }

  /** The names that the plain form sends, in the order of the page. */
  private number(): void {
    this.all.forEach((row, number) => {
      row.id = `row-${number}`;
      for (const field of FIELDS) this.control(row, field).name = `${field}-${number}`;
      for (const button of row.querySelectorAll<HTMLButtonElement>("button[name=do]")) {
        button.value = `${button.value.split(":")[0] ?? ""}:${number}`;
      }
    });
    const count = this.form.querySelector<HTMLInputElement>("[name=rows]");
    if (count !== null) count.value = String(this.all.length);
  }
}

/** Says in the seal line, and where it matters beside the text, what has become of the words. */
class News {
  private readonly place: HTMLElement;
  private readonly note: HTMLElement | null;

  constructor(private readonly form: HTMLFormElement) {
    this.place = document.querySelector<HTMLElement>("[data-saved]") ?? this.newPlace();
    this.note = form.querySelector<HTMLElement>("[data-news]");
  }

  private newPlace(): HTMLElement {
    const item = document.createElement("li");
    const place = document.createElement("span");
    item.className = "end";
    place.dataset["saved"] = "";
    item.append(place);
    document.querySelector(".seal ol")?.append(item);
    return place;
  }

  quietly(words: string, late: boolean): void {
    this.place.textContent = words;
    this.place.classList.toggle("is-late", late);
  }

  aloud(words: string, comparable = false): void {
    if (this.note === null) return;
    const [text, compare] = [this.note.querySelector("span"), this.note.querySelector<HTMLElement>("[data-compare]")];
    this.note.hidden = words === "";
    this.note.setAttribute("role", "alert");
    if (text !== null) text.textContent = words;
    if (compare !== null) compare.hidden = !comparable;
  }

  words(name: string): string {
    return this.form.dataset[name] ?? "";
  }
}

/** Sends the whole transcript, one save at a time, and keeps trying while the network does not answer. */
class Saving {
  private timer = 0;
  private changed = false;
  private underWay = false;
  private stopped = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly rows: Rows,
    private readonly news: News,
  ) {}

  get isOwing(): boolean {
    return this.changed || this.underWay;
  }

  /** What was sent as a plain form is no longer this page's to worry about. */
  handedOver(): void {
    window.clearTimeout(this.timer);
    this.changed = this.underWay = false;
    this.stopped = true;
  }

  touched(): void {
    this.changed = true;
    this.news.quietly(this.news.words("unsaved"), true);
    this.later(SAVE_AFTER);
  }

  private later(milliseconds: number): void {
    window.clearTimeout(this.timer);
    if (!this.stopped) this.timer = window.setTimeout(() => void this.save(), milliseconds);
  }

  async save(): Promise<void> {
    if (this.underWay || this.stopped || !this.changed) return;
    if (!this.rows.check()) {
      this.news.aloud(this.news.words("refused"));
      return;
    }
    this.underWay = true;
    this.changed = false;
    this.news.quietly(this.news.words("saving"), false);
    const fate = await this.send();
    this.underWay = false;
    if (fate !== "saved") this.changed = true;
    this.tell(fate);
  }

  private async send(isSecond = false): Promise<Fate> {
    try {
      const answer = await fetch(this.form.action, { method: "POST", headers: this.headers(), body: this.body(), redirect: "error" });
      if (answer.ok) {
        this.took((await answer.json()) as Saved);
        return "saved";
      }
      if (answer.status === 409) return "newer";
      if (answer.status === 401) return "signedOut";
      if (answer.status === 403 && !isSecond) return await this.sendAnew();
      return answer.status < 500 ? "refused" : "failed";
    } catch {
      return "failed";
    }
  }

  /** After signing in again on another page the form's token is another. */
  private async sendAnew(): Promise<Fate> {
    const now = await ask();
    if (now.whose === "") return "signedOut";
    if (now.whose !== pageOf()) {
      this.handedOver();
      clear();
      return "refused";
    }
    carry(now.token);
    return this.send(true);
  }

  private headers(): Record<string, string> {
    return { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.hidden("csrf_token").value };
  }

  private body(): string {
    const language = this.form.querySelector<HTMLSelectElement>("[name=language]")?.value ?? "";
    return JSON.stringify({ revision: Number(this.hidden("revision").value), language, segments: this.rows.read() });
  }

  private took(saved: Saved): void {
    this.hidden("revision").value = String(saved.revision);
    this.news.quietly(saved.words, false);
  }

  private tell(fate: Fate): void {
    if (fate === "saved") {
      this.news.aloud("");
      if (this.changed) this.touched();
      return;
    }
    this.news.quietly(this.news.words("unsaved"), true);
    this.news.aloud(this.news.words(fate), fate === "newer");
    if (fate === "newer") this.stopped = true;
    if (fate === "signedOut") document.dispatchEvent(new CustomEvent(SIGNED_OUT));
    if (fate === "failed" || fate === "signedOut") this.later(TRY_AGAIN_AFTER);
  }

  private hidden(name: string): HTMLInputElement {
    const found = this.form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
    if (found === null) throw new Error(`a form without ${name}`);
    return found;
  }
}

/** The keys, and the row that is being heard. */
class Listening {
  constructor(
    private readonly player: HTMLMediaElement | null,
    private readonly rows: Rows,
    private readonly saving: Saving,
  ) {
    player?.addEventListener("timeupdate", () => this.follow(player.currentTime * 1000));
  }

  pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const act = this.actOf(event);
    if (act === null) return;
    event.preventDefault();
    act();
  }

  private actOf(event: KeyboardEvent): (() => void) | null {
    if (event.key === "Escape") return () => this.playOrPause();
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const acts: Record<string, () => void> = {
        KeyJ: () => this.move(-STEP_SECONDS),
        KeyL: () => this.move(STEP_SECONDS),
        KeyS: () => this.changeSpeaker(),
        KeyU: () => this.markUncertain(),
      };
      return acts[event.code] ?? null;
    }
    const plainEnter = event.key === "Enter" && !event.shiftKey && !event.ctrlKey;
    return plainEnter && event.target instanceof HTMLTextAreaElement ? () => this.nextSegment() : null;
  }

  private playOrPause(): void {
    if (this.player === null) return;
    if (this.player.paused) void this.player.play();
    else this.player.pause();
  }

  private move(seconds: number): void {
    if (this.player !== null) this.player.currentTime = Math.max(0, this.player.currentTime + seconds);
  }

  /** The next row; after the last a new one, which begins where the recording is now. */
  private nextSegment(): void {
    const row = this.rows.rowOf(document.activeElement);
    if (row === null) return;
    const next = this.rows.rowAfter(row) ?? this.begin(row);
    this.rows.control(next, "text").focus();
  }

  private begin(last: HTMLTableRowElement): HTMLTableRowElement {
    const end = this.rows.control(last, "end");
    const now = this.player === null ? 0 : Math.round(this.player.currentTime * 1000);
    if (now > readTime(this.rows.control(last, "start").value)) end.value = writeTime(now);
    const added = this.rows.addAfter(last, { start: end.value, end: end.value });
    this.saving.touched();
    return added;
  }

  /** Through the speakers that the transcript knows, one press each. */
  private changeSpeaker(): void {
    const row = this.rows.rowOf(document.activeElement);
    if (row === null) return;
    const known = [...new Set(this.rows.read().map((segment) => segment.speaker))].filter((name) => name !== "");
    const field = this.rows.control(row, "speaker");
    const next = known[(known.indexOf(field.value) + 1) % known.length];
    if (next === undefined || next === field.value) {
      field.focus();
      return;
    }
    field.value = next;
    this.saving.touched();
  }

  /** Around what is chosen, or a mark where something could not be made out. */
  private markUncertain(): void {
    const text = document.activeElement;
    if (!(text instanceof HTMLTextAreaElement)) return;
    const [from, to] = [text.selectionStart, text.selectionEnd];
    const guess = text.value.slice(from, to);
    text.setRangeText(guess === "" ? "[uncertain]" : `[uncertain: ${guess}]`, from, to, "end");
    this.saving.touched();
  }

  private follow(now: number): void {
    for (const row of this.rows.all) {
      const [start, end] = [readTime(this.rows.control(row, "start").value), readTime(this.rows.control(row, "end").value)];
      row.classList.toggle("playing", start <= now && now < end);
    }
  }
}

function changeInPlace(button: HTMLButtonElement, rows: Rows): HTMLTableRowElement | null {
  const row = rows.rowOf(button) ?? rows.all[rows.all.length - 1] ?? null;
  if (row === null) return null;
  switch (button.value.split(":")[0]) {
    case "add":
      return rows.addAfter(row);
    case "split":
      return rows.splitAt(row);
    case "merge":
      rows.joinWithNext(row);
      return row;
    case "delete": {
      if (rows.all.length === 1) return null; // the plain form does that, and leaves a page one can begin on
      const near = rows.rowAfter(row) ?? rows.all[rows.all.indexOf(row) - 1] ?? null;
      rows.remove(row);
      return near;
    }
    default:
      return null;
  }
}

function start(form: HTMLFormElement): void {
  const rows = new Rows(form);
  const news = new News(form);
  const saving = new Saving(form, rows, news);
  const listening = new Listening(document.querySelector<HTMLMediaElement>("[data-player]"), rows, saving);

  form.addEventListener("input", () => saving.touched());
  document.addEventListener("keydown", (event) => listening.pressed(event));
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[name=do]") : null;
    if (button === null) return;
    const row = changeInPlace(button, rows);
    if (row === null) return;
    event.preventDefault();
    rows.control(row, "text").focus();
    saving.touched();
  });
  document.addEventListener(SIGNED_IN, () => void saving.save());
  form.addEventListener("submit", () => saving.handedOver());
  window.addEventListener("beforeunload", (event) => {
    if (saving.isOwing) event.preventDefault();
  });
}

const form = document.querySelector<HTMLFormElement>("[data-transcript]");
if (form !== null) start(form);
