/* One file on the screen: its name, how far it is, and what may be done with it. */

import type { Refused, Standing, State } from "../sending/messages";
import { Pace } from "./pace";
import type { Words } from "./words";

export interface Presses {
  pause(): void;
  goOn(): void;
  remove(): void;
}

const MOVING: readonly State[] = ["waits", "sending", "retrying", "full", "signed-out"];
/** What is worth being read out when it begins. */
const ALOUD: readonly State[] = ["paused", "retrying", "full", "signed-out", "done", "refused"];

export class Row {
  readonly element: HTMLElement;
  state: State = "waits";
  begun = false;
  asset = "";
  private readonly pace = new Pace();

  constructor(
    readonly file: File,
    private readonly words: Words,
    presses: Presses,
    private readonly isRemovable: boolean,
  ) {
    this.element = words.part("row");
    this.part("name").textContent = file.name;
    this.part("size").textContent = words.size(file.size);
    this.part("bar").setAttribute("aria-label", file.name);
    this.press("pause", () => presses.pause());
    this.press("go-on", () => presses.goOn());
    this.press("remove", () => presses.remove());
    this.show("waits", 0, null);
  }

  get isOnItsWay(): boolean {
    return !["done", "removed", "refused"].includes(this.state);
  }

  learn(standing: Standing): void {
    this.begun ||= standing.begun;
    this.asset = standing.asset;
    this.show(standing.state, standing.sent, standing.why);
  }

  /** Not even the worker could be fetched. */
  waitForTheNetwork(): void {
    this.show("retrying", 0, null);
  }

  /** Not to be sent at all, and why. */
  refuse(why: string): void {
    this.enter("refused");
    this.tell(this.words.say(why));
  }

  private show(state: State, sent: number, why: Refused | null): void {
    if (state === "sending") this.pace.mark(sent);
    else this.pace.rest();
    const bar = this.part<HTMLProgressElement>("bar");
    bar.value = sent / Math.max(1, this.file.size);
    const isNew = state !== this.state;
    this.enter(state);
    const words = why === null ? this.sentence(state, sent) : this.words.say(why);
    this.tell(words);
    if (isNew && ALOUD.includes(state)) this.part("spoken").textContent = `${this.file.name}: ${words}`;
  }

  private enter(state: State): void {
    this.state = state;
    this.element.dataset["state"] = state;
    this.part("bar").hidden = state === "refused";
    this.part("pause").hidden = !MOVING.includes(state);
    this.part("go-on").hidden = !["paused", "retrying", "full"].includes(state);
    this.part("remove").hidden = !this.isRemovable || state === "finishing";
  }

  private sentence(state: State, sent: number): string {
    const values = { sent: this.words.size(sent), size: this.words.size(this.file.size) };
    const speed = this.pace.speed;
    if (state !== "sending" || speed === null) return this.words.say(state, values);
    const left = this.words.time((this.file.size - sent) / speed);
    return this.words.say("sending-with-pace", { ...values, speed: this.words.speed(speed), left });
  }

  private tell(words: string): void {
    const news = this.part("news");
    if (news.textContent !== words) news.textContent = words;
  }

  private press(name: string, act: () => void): void {
    this.part(name).addEventListener("click", act);
  }

  private part<E extends HTMLElement>(name: string): E {
    const found = this.element.querySelector<E>(`[data-upload-${name}]`);
    if (found === null) throw new Error(`a row without ${name}`);
    return found;
  }
}
