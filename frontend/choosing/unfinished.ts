/* Files that were begun and did not arrive: the same file, chosen again, goes on where it stopped. */

import type { Desk } from "./desk";
import type { Row } from "./row";

export class Unfinished {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private row: Row | null = null;

  constructor(
    private readonly item: HTMLElement,
    private readonly desk: Desk,
  ) {
    const input = item.querySelector<HTMLInputElement>("input[type=file]");
    if (input === null) throw new Error("an unfinished file without a way to choose it");
    this.input = input;
    this.list = desk.words.part("list");
    this.place("way").hidden = false;
    input.addEventListener("change", () => this.chosen());
    desk.listen(() => this.changed());
  }

  private chosen(): void {
    const file = this.input.files?.[0];
    if (file === undefined) return;
    this.input.value = "";
    this.say("");
    if (file.size !== Number(this.item.dataset["length"])) return this.say(this.desk.words.say("another-file"));
    this.row = this.desk.resume(file, this.item.dataset["asset"] ?? "");
    this.list.replaceChildren(this.row.element);
    this.place("way").before(this.list);
    this.goesOn(true);
  }

  /** Its row says how far it is; until then the page does. */
  private goesOn(isOnItsWay: boolean): void {
    this.place("way").hidden = isOnItsWay;
    this.place("stands").hidden = isOnItsWay;
  }

  /** Another file leaves everything as it was. */
  private changed(): void {
    if (this.row?.state === "done") this.item.querySelector("[data-unfinished-discard]")?.remove();
    if (this.row === null || this.row.state !== "refused") return;
    const words = this.row.element.querySelector("[data-upload-news]")?.textContent ?? "";
    this.list.remove();
    this.row = null;
    this.goesOn(false);
    this.say(words);
  }

  private say(words: string): void {
    const news = this.place("refusal");
    news.textContent = words;
    news.hidden = words === "";
  }

  private place(name: string): HTMLElement {
    const found = this.item.querySelector<HTMLElement>(`[data-unfinished-${name}]`);
    if (found === null) throw new Error(`an unfinished file without ${name}`);
    return found;
  }
}
