"use strict";
(() => {
  // common/standing.ts
  var SIGNED_IN = "vouchsafe:signed-in";

  // preparing.ts
  var SOON = 2e3;
  var LATE = 2e4;
  var SLOWER = 1.5;
  var LONG_ENOUGH = 20 * 6e4;
  var Following = class {
    constructor(address, shown) {
      this.address = address;
      this.shown = shown;
      this.timer = 0;
      this.wait = SOON;
      this.changed = Date.now();
      this.isAsking = false;
      this.isOver = false;
      this.isRefused = false;
      document.addEventListener("visibilitychange", () => this.begin());
      document.addEventListener(SIGNED_IN, () => {
        this.isRefused = false;
        this.begin();
      });
      this.plan();
    }
    begin() {
      [this.wait, this.changed] = [SOON, Date.now()];
      void this.ask();
    }
    plan() {
      window.clearTimeout(this.timer);
      if (this.rests || Date.now() - this.changed > LONG_ENOUGH) return;
      this.timer = window.setTimeout(() => void this.ask(), this.wait);
      this.wait = Math.min(LATE, this.wait * SLOWER);
    }
    get rests() {
      return this.isOver || this.isRefused || document.hidden;
    }
    async ask() {
      if (this.rests || this.isAsking) return;
      this.isAsking = true;
      try {
        await this.compare();
      } catch {
      } finally {
        this.isAsking = false;
      }
      this.plan();
    }
    async compare() {
      const answer = await fetch(this.address, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
      if (answer.status >= 500) return;
      this.isRefused = !answer.ok;
      if (this.isRefused) return;
      const standing = await answer.json();
      this.isOver = !standing.under_way;
      if (this.shown.tell(standing)) [this.wait, this.changed] = [SOON, Date.now()];
    }
  };
  var Shown = class {
    constructor(part2) {
      this.part = part2;
      this.state = this.found(".state");
      this.words = this.found(".state > span");
      this.glyph = this.found(".state use");
      this.link = this.found("a[data-ended]");
      this.spoken = this.found("[role=status]");
    }
    /** Whether anything is another than before. Every share is seen; spoken is only what begins and what ends. */
    tell(standing) {
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
    end(isEnded) {
      const acts = this.found("[data-preparing-acts]");
      if (isEnded) this.link.textContent = this.link.dataset["ended"] ?? "";
      if (acts.contains(document.activeElement)) this.link.focus();
      acts.remove();
    }
    found(name) {
      const found = this.part.querySelector(name);
      if (found === null) throw new Error(`a file's page without ${name}`);
      return found;
    }
  };
  var part = document.querySelector("[data-preparing]");
  if (part !== null) new Following(part.dataset["preparing"] ?? "", new Shown(part));
})();
