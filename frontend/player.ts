/* Beside a player: the waveform that can be clicked, and a quiet word after a long while of playing.
   Without this script the browser's own player does all that it does by itself. */

import { Waveform } from "./common/waveform";

const BREAK_AFTER_SECONDS = 50 * 60;
const OFF = "vouchsafe.no-break-reminder";

/** Counts what is played, on this page, and speaks once each time it has been long enough. */
class BreakReminder {
  private played = 0;
  private last = Number.NaN;
  private note: HTMLElement | null = null;

  constructor(private readonly player: HTMLMediaElement) {
    player.addEventListener("timeupdate", () => this.count());
    player.addEventListener("pause", () => (this.last = Number.NaN));
    player.addEventListener("seeking", () => (this.last = Number.NaN));
  }

  private count(): void {
    const now = performance.now() / 1000;
    if (!this.player.paused && !Number.isNaN(this.last)) this.played += Math.min(now - this.last, 2);
    this.last = now;
    if (this.played < BREAK_AFTER_SECONDS) return;
    this.played = 0;
    if (sessionStorage.getItem(OFF) === null && this.note === null) this.speak();
  }

  private speak(): void {
    const note = document.createElement("p");
    const words = document.createElement("span");
    const off = document.createElement("button");
    note.className = "note break";
    note.setAttribute("role", "status");
    words.textContent = this.player.dataset["break"] ?? "";
    off.type = "button";
    off.className = "btn is-low is-quiet";
    off.textContent = this.player.dataset["breakOff"] ?? "";
    off.addEventListener("click", () => {
      sessionStorage.setItem(OFF, "1");
      note.remove();
      this.player.focus();
    });
    note.append(words, " ", off);
    this.player.after(note);
    this.note = note;
  }
}

for (const player of document.querySelectorAll<HTMLMediaElement>("[data-player]")) {
  new BreakReminder(player);
  const place = player.closest(".listen, .entry")?.querySelector<HTMLElement>("[data-peaks]");
  if (place) void Waveform.beside(player, place);
}
