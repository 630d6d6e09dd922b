/* A form with files: they go ahead while the person still writes, and never keep the words waiting. */

import type { FormTarget } from "../sending/messages";
import type { About, Desk } from "./desk";
import type { Row } from "./row";

const HALT_AT_MOST = 10_000;
const STILL_HERE_AFTER = 20_000;

/** Every `<input type=file data-upload>` of one form. */
export class FormFiles {
  private readonly rows: Row[] = [];
  private readonly target: FormTarget;
  private readonly leaving: Leaving;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly desk: Desk,
  ) {
    this.target = JSON.parse(form.dataset["uploadTarget"] ?? "") as FormTarget;
    this.leaving = new Leaving(desk, {
      onTheirWay: () => this.onTheirWay,
      refused: () => this.rows.filter((row) => row.state === "refused").length,
      send: (submitter) => this.submit(submitter),
    });
    swap(form);
    for (const input of form.querySelectorAll<HTMLInputElement>("input[type=file][data-upload]")) this.takeOver(input);
    desk.listen(() => this.changed());
    form.addEventListener("submit", (event) => this.submitted(event));
  }

  private takeOver(input: HTMLInputElement): void {
    input.removeAttribute("name"); // the browser does not send the bytes a second time
    input.required = false;
    input.multiple = true;
    const list = this.desk.words.part("list");
    this.explain(input);
    input.after(list);
    input.addEventListener("change", () => this.chosen(input, list));
    this.chosen(input, list); // before this script was there
  }

  private chosen(input: HTMLInputElement, list: HTMLElement): void {
    const files = Array.from(input.files ?? []);
    if (files.length === 0) return;
    const about = this.takeAbout();
    for (const file of files) list.append(this.take(file, about).element);
    input.value = "";
    this.changed();
  }

  /** The limits of a plain form hold no longer. */
  private explain(input: HTMLInputElement): void {
    const hint = this.desk.words.part("hint");
    const plain = document.getElementById(`${input.id}-hint`);
    if (plain === null) input.before(hint);
    else plain.textContent = hint.textContent;
  }

  /** What was said of the files that are chosen now; the next ones begin with nothing said. */
  private takeAbout(): About {
    const fields = Array.from(this.form.querySelectorAll<HTMLInputElement>("input[data-upload-said]"));
    const about = fields.map((field) => [field.dataset["uploadSaid"] ?? "", field.type !== "checkbox" || field.checked ? field.value : ""]);
    for (const field of fields) {
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
    return Object.fromEntries(about) as About;
  }

  private take(file: File, about: About): Row {
    const row = this.refused(file) ?? this.desk.send(file, about, this.target);
    this.rows.push(row);
    return row;
  }

  private refused(file: File): Row | null {
    if (file.size === 0) return this.desk.refuse(file, "empty");
    if (file.size > this.target.bytes) return this.desk.refuse(file, "too-large");
    return this.isTooMany ? this.desk.refuse(file, "too-many") : null;
  }

  private get isTooMany(): boolean {
    return this.rows.filter((row) => row.isOnItsWay || row.state === "done").length >= this.target.files;
  }

  private get onTheirWay(): number {
    return this.rows.filter((row) => row.isOnItsWay).length;
  }

  /** The form names the files that the server knows of, whether all of them has arrived or not. */
  private changed(): void {
    const begun = this.rows.filter((row) => row.begun && row.state !== "removed").map((row) => row.asset);
    const inputs = Array.from(this.form.querySelectorAll<HTMLInputElement>("input[name=upload][data-upload-begun]"));
    for (const input of inputs) if (!begun.includes(input.value)) input.remove();
    const known = inputs.map((input) => input.value);
    for (const asset of begun) if (!known.includes(asset)) this.form.append(hidden(asset));
    this.leaving.changed();
  }

  private submitted(event: SubmitEvent): void {
    if (event.defaultPrevented || this.onTheirWay === 0 || this.leaving.takeDecision()) return;
    event.preventDefault();
    this.leaving.ask(event.submitter);
  }

  private submit(submitter: HTMLElement | null): void {
    this.form.requestSubmit(submitter?.isConnected ? submitter : null);
  }
}

interface Way {
  onTheirWay(): number;
  refused(): number;
  send(submitter: HTMLElement | null): void;
}

/** What to do with words that are ready while files are not: to wait, or to send them now. */
class Leaving {
  private isDecided = false;
  private readonly dialog: HTMLDialogElement;
  private submitter: HTMLElement | null = null;
  private waits = false;
  private refused = 0;

  constructor(
    private readonly desk: Desk,
    private readonly way: Way,
  ) {
    this.dialog = desk.words.part("leaving") as HTMLDialogElement;
    this.button("wait").addEventListener("click", () => this.wait());
    this.button("now").addEventListener("click", () => void this.now());
    this.button("back").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.backToTheForm());
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the page's shortcuts rest
  }

  ask(submitter: HTMLElement | null): void {
    this.submitter = submitter;
    this.refused = this.way.refused();
    this.say();
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  /** A file arrived: after the last one there is nothing left to ask. One that was not taken is looked at first. */
  changed(): void {
    if (!this.dialog.open || this.isDecided) return;
    if (this.way.onTheirWay() > 0) this.say();
    else if (this.way.refused() > this.refused) this.dialog.close();
    else this.send();
  }

  private wait(): void {
    this.waits = true;
    this.say();
  }

  /** The pieces in hand are finished first, if that is soon. */
  private async now(): Promise<void> {
    this.dialog.setAttribute("aria-busy", "true");
    await Promise.race([this.desk.halt(), new Promise((settle) => window.setTimeout(settle, HALT_AT_MOST))]);
    this.dialog.removeAttribute("aria-busy");
    if (this.dialog.open) this.send();
  }

  /** Whether the person has said that the words go now; asked once, for the session's dialog may come between. */
  takeDecision(): boolean {
    const decided = this.isDecided;
    this.isDecided = false;
    return decided;
  }

  /** Where the form does not leave the page after all, files go on. */
  private send(): void {
    this.isDecided = true;
    this.dialog.close();
    this.way.send(this.submitter);
    window.setTimeout(() => this.desk.proceed(), STILL_HERE_AFTER);
  }

  private backToTheForm(): void {
    this.waits = false;
    this.dialog.remove();
    if (!this.isDecided) this.desk.proceed();
  }

  private say(): void {
    const files = this.way.onTheirWay();
    this.element("title").textContent = this.desk.words.count("on-their-way", files);
    this.element("asks").hidden = this.waits;
    this.element("waits").hidden = !this.waits;
    this.button("wait").hidden = this.waits;
  }

  private button(name: string): HTMLElement {
    return this.element(name);
  }

  private element(name: string): HTMLElement {
    const found = this.dialog.querySelector<HTMLElement>(`[data-upload-leaving-${name}]`);
    if (found === null) throw new Error(`a dialog without ${name}`);
    return found;
  }
}

/** What is of use only without this script goes, what is only with it comes. */
function swap(form: HTMLFormElement): void {
  for (const plain of form.querySelectorAll("[data-upload-instead]")) plain.remove();
  for (const place of form.querySelectorAll<HTMLElement>("[data-upload-only]")) place.hidden = false;
}

function hidden(asset: string): HTMLInputElement {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = "upload";
  input.value = asset;
  input.dataset["uploadBegun"] = "";
  return input;
}
