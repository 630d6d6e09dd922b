/* All files of the page: what the worker says goes to their rows, what a person presses goes to the worker. */

import { ACTIVE, SIGNED_IN, SIGNED_OUT, tokenOf } from "../common/standing";
import type { Order, Report, Said, TargetWords } from "../sending/messages";
import { Row } from "./row";
import { Line } from "./worker";
import type { Words } from "./words";

/** What the person said of a file before choosing it: title, credit, warning. */
export type About = Readonly<Partial<Record<string, string>>>;

function saidOf(file: File, about: About): Said {
  const { title = "", credit = "", warning = "" } = about;
  return { name: file.name, title, credit, warning, type: file.type };
}

export class Desk {
  private readonly rows = new Map<number, Row>();
  private readonly line: Line;
  private readonly listeners: (() => void)[] = [];
  private halted: () => void = () => {};
  private last = 0;

  constructor(readonly words: Words) {
    this.line = new Line(
      words.worker,
      (report) => this.hear(report),
      () => this.rows.forEach((row) => row.isOnItsWay && row.waitForTheNetwork()),
    );
    document.addEventListener(SIGNED_IN, () => this.saying({ do: "signed-in", token: tokenOf() }));
    window.addEventListener("online", () => this.saying({ do: "online" }));
  }

  /** Calls after every change. */
  listen(changed: () => void): void {
    this.listeners.push(changed);
  }

  send(file: File, about: About, target: TargetWords): Row {
    const [id, row] = this.add(file);
    this.line.say({ do: "send", id, file, said: saidOf(file, about), target, token: tokenOf() });
    return row;
  }

  resume(file: File, asset: string): Row {
    const [id, row] = this.add(file, false);
    this.line.say({ do: "resume", id, file, said: saidOf(file, {}), asset, token: tokenOf() });
    return row;
  }

  /** A row for a file that is not sent. */
  refuse(file: File, why: "empty" | "too-large" | "too-many"): Row {
    const [, row] = this.add(file);
    row.refuse(why);
    return row;
  }

  /** Settles when the pieces in hand have arrived and nothing more is sent. */
  async halt(): Promise<void> {
    if (!this.line.isOpen) return;
    const halted = new Promise<void>((settle) => (this.halted = settle));
    this.line.say({ do: "halt" });
    await halted;
  }

  proceed(): void {
    this.saying({ do: "proceed" });
  }

  private add(file: File, isRemovable = true): [number, Row] {
    const id = ++this.last;
    const presses = {
      pause: () => this.saying({ do: "pause", id }),
      goOn: () => this.saying({ do: "go-on", id }),
      remove: () => this.remove(id),
    };
    const row = new Row(file, this.words, presses, isRemovable);
    this.rows.set(id, row);
    return [id, row];
  }

  private remove(id: number): void {
    const row = this.rows.get(id);
    this.saying({ do: "remove", id });
    if (row === undefined) return;
    row.state = "removed";
    this.rows.delete(id);
    row.element.remove();
    this.changed();
  }

  private hear(report: Report): void {
    switch (report.say) {
      case "signed-out":
        document.dispatchEvent(new CustomEvent(SIGNED_OUT));
        return;
      case "halted":
        return this.halted();
      case "stands":
        this.rows.get(report.id)?.learn(report);
        if (report.state === "sending") document.dispatchEvent(new CustomEvent(ACTIVE));
        this.changed();
    }
  }

  /** Nothing is said to a worker that was never needed. */
  private saying(order: Order): void {
    if (this.line.isOpen) this.line.say(order);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
