"use strict";
(() => {
  // common/waveform.ts
  var SVG = "http://www.w3.org/2000/svg";
  var HEIGHT = 64;
  var BAR = 5;
  var FULL_SCALE = 127;
  var MOST_BARS = 240;
  function bars(peaks, count) {
    const pairs = Math.floor(peaks.length / 2);
    return Array.from({ length: count }, (_, bar) => {
      const [from, to] = [Math.floor(bar * pairs / count), Math.max(Math.floor((bar + 1) * pairs / count), Math.floor(bar * pairs / count) + 1)];
      return peaks.subarray(2 * from, 2 * to).reduce((loudest, value) => Math.max(loudest, Math.abs(value) / FULL_SCALE), 0);
    });
  }
  function shape(name, kind) {
    const made = document.createElementNS(SVG, name);
    made.setAttribute("class", kind);
    return made;
  }
  var Waveform = class _Waveform {
    constructor(player, place, heights) {
      this.player = player;
      this.heights = heights;
      this.done = shape("path", "w-done");
      this.rest = shape("path", "w-rest");
      this.now = shape("path", "w-now");
      this.width = heights.length * BAR;
      const drawing = shape("svg", "wave");
      drawing.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
      drawing.setAttribute("preserveAspectRatio", "none");
      drawing.setAttribute("aria-hidden", "true");
      drawing.append(this.rest, this.done, this.now);
      drawing.addEventListener("click", (event) => this.goTo(event, drawing));
      for (const told of ["timeupdate", "seeking", "loadedmetadata"]) player.addEventListener(told, () => this.draw());
      place.append(drawing);
      place.hidden = false;
      this.draw();
    }
    static async beside(player, place) {
      try {
        const answer = await fetch(place.dataset["peaks"] ?? "", { redirect: "error" });
        if (!answer.ok) return;
        const peaks = new Int8Array(await answer.arrayBuffer());
        if (peaks.length >= 2) new _Waveform(player, place, bars(peaks, Math.min(MOST_BARS, peaks.length / 2)));
      } catch {
      }
    }
    goTo(event, drawing) {
      if (!(event instanceof MouseEvent) || !Number.isFinite(this.player.duration)) return;
      const box = drawing.getBoundingClientRect();
      this.player.currentTime = (event.clientX - box.left) / box.width * this.player.duration;
    }
    draw() {
      const share = Number.isFinite(this.player.duration) ? this.player.currentTime / this.player.duration : 0;
      const reached = Math.round(share * this.heights.length);
      this.done.setAttribute("d", this.lines(0, reached));
      this.rest.setAttribute("d", this.lines(reached, this.heights.length));
      this.now.setAttribute("d", `M${(share * this.width).toFixed(1)} 0V${HEIGHT}`);
    }
    lines(from, to) {
      return this.heights.slice(from, to).map((height, at) => {
        const half = Math.max(1, height * HEIGHT / 2);
        return `M${(from + at) * BAR + BAR / 2} ${(HEIGHT / 2 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
      }).join("");
    }
  };

  // player.ts
  var BREAK_AFTER_SECONDS = 50 * 60;
  var OFF = "vouchsafe.no-break-reminder";
  var BreakReminder = class {
    constructor(player) {
      this.player = player;
      this.played = 0;
      this.last = Number.NaN;
      this.note = null;
      player.addEventListener("timeupdate", () => this.count());
      player.addEventListener("pause", () => this.last = Number.NaN);
      player.addEventListener("seeking", () => this.last = Number.NaN);
    }
    count() {
      const now = performance.now() / 1e3;
      if (!this.player.paused && !Number.isNaN(this.last)) this.played += Math.min(now - this.last, 2);
      this.last = now;
      if (this.played < BREAK_AFTER_SECONDS) return;
      this.played = 0;
      if (sessionStorage.getItem(OFF) === null && this.note === null) this.speak();
    }
    speak() {
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
  };
  for (const player of document.querySelectorAll("[data-player]")) {
    new BreakReminder(player);
    const place = player.closest(".listen, .entry")?.querySelector("[data-peaks]");
    if (place) void Waveform.beside(player, place);
  }
})();
