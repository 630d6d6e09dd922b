"use strict";
(() => {
  // common/standing.ts
  var SIGNED_OUT = "vouchsafe:signed-out";
  var SIGNED_IN = "vouchsafe:signed-in";
  function pageOf() {
    return document.querySelector("[data-whose]")?.dataset["whose"] ?? "";
  }
  async function ask() {
    const answer = await fetch("/session", { headers: { Accept: "application/json" }, redirect: "error", cache: "no-store" });
    if (!answer.ok) throw new Error(`the session: ${answer.status}`);
    return await answer.json();
  }
  function carry(token) {
    for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
  }
  function clear() {
    document.body.replaceChildren();
    window.location.replace("/");
  }

  // transcript.ts
  var SAVE_AFTER = 1500;
  var TRY_AGAIN_AFTER = 1e4;
  var STEP_SECONDS = 2;
  var FIELDS = ["id", "start", "end", "speaker", "text"];
  function readTime(text) {
    const found = /^(?:(?:(\d{1,2}):)?(\d{1,4}):)?(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text.trim());
    if (found === null) return Number.NaN;
    const [, hours = "0", minutes = "0", seconds = "0", parts = "0"] = found;
    return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e3 + Number(parts.padEnd(3, "0"));
  }
  function writeTime(milliseconds) {
    const seconds = Math.floor(milliseconds / 1e3);
    const rest = milliseconds % 1e3;
    const pad = (value) => String(value).padStart(2, "0");
    const [hours, minutes, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const whole = hours > 0 ? `${hours}:${pad(minutes)}:${pad(second)}` : `${minutes}:${pad(second)}`;
    return rest === 0 ? whole : `${whole}.${String(rest).padStart(3, "0").replace(/0+$/, "")}`;
  }
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  var Rows = class {
    constructor(form2) {
      this.form = form2;
    }
    get all() {
      return Array.from(this.form.querySelectorAll("[data-segment]"));
    }
    rowOf(inside) {
      return inside?.closest("[data-segment]") ?? null;
    }
    control(row, field) {
      const found = row.querySelector(`[name^="${field}-"]`);
      if (found === null) throw new Error(`a row without ${field}`);
      return found;
    }
    read() {
      return this.all.map((row) => {
        const value = (field) => this.control(row, field).value;
        return { id: value("id"), start: value("start"), end: value("end"), speaker: value("speaker"), text: value("text") };
      });
    }
    /** Whether every time can be read; what cannot is marked. */
    check() {
      const times = this.all.flatMap((row) => [this.control(row, "start"), this.control(row, "end")]);
      for (const time of times) {
        const bad = Number.isNaN(readTime(time.value));
        time.classList.toggle("bad", bad);
        time.setAttribute("aria-invalid", String(bad));
      }
      return !times.some((time) => time.classList.contains("bad"));
    }
    addAfter(row, filled = {}) {
      const added = row.cloneNode(true);
      added.classList.remove("playing");
      const at = this.control(row, "end").value;
      const values = { id: newId(), start: at, end: at, speaker: this.control(row, "speaker").value, text: "", ...filled };
      row.after(added);
      for (const field of FIELDS) this.control(added, field).value = values[field];
      this.number();
      return added;
    }
    splitAt(row) {
      const text = this.control(row, "text");
      const at = text === document.activeElement || text.selectionStart ? text.selectionStart ?? text.value.length : text.value.length;
      const [before, after] = [text.value.slice(0, at).trimEnd(), text.value.slice(at).trimStart()];
      const [start2, end] = [readTime(this.control(row, "start").value), readTime(this.control(row, "end").value)];
      const share = text.value.length > 0 ? at / text.value.length : 1;
      const middle = Number.isNaN(start2 + end) ? this.control(row, "end").value : writeTime(Math.round(start2 + (end - start2) * share));
      const added = this.addAfter(row, { start: middle, end: this.control(row, "end").value, text: after });
      text.value = before;
      this.control(row, "end").value = middle;
      return added;
    }
    joinWithNext(row) {
      const next = this.rowAfter(row);
      if (next === null) return;
      const [mine, theirs] = [this.control(row, "text"), this.control(next, "text")];
      mine.value = [mine.value, theirs.value].filter((text) => text !== "").join("\n");
      this.control(row, "end").value = this.control(next, "end").value;
      this.remove(next);
    }
    remove(row) {
      row.remove();
      this.number();
    }
    rowAfter(row) {
      const rows = this.all;
      return rows[rows.indexOf(row) + 1] ?? null;
    }
    /** The names that the plain form sends, in the order of the page. */
    number() {
      this.all.forEach((row, number) => {
        row.id = `row-${number}`;
        for (const field of FIELDS) this.control(row, field).name = `${field}-${number}`;
        for (const button of row.querySelectorAll("button[name=do]")) {
          button.value = `${button.value.split(":")[0] ?? ""}:${number}`;
        }
      });
      const count = this.form.querySelector("[name=rows]");
      if (count !== null) count.value = String(this.all.length);
    }
  };
  var News = class {
    constructor(form2) {
      this.form = form2;
      this.place = document.querySelector("[data-saved]") ?? this.newPlace();
      this.note = form2.querySelector("[data-news]");
    }
    newPlace() {
      const item = document.createElement("li");
      const place = document.createElement("span");
      item.className = "end";
      place.dataset["saved"] = "";
      item.append(place);
      document.querySelector(".seal ol")?.append(item);
      return place;
    }
    quietly(words, late) {
      this.place.textContent = words;
      this.place.classList.toggle("is-late", late);
    }
    aloud(words, comparable = false) {
      if (this.note === null) return;
      const [text, compare] = [this.note.querySelector("span"), this.note.querySelector("[data-compare]")];
      this.note.hidden = words === "";
      this.note.setAttribute("role", "alert");
      if (text !== null) text.textContent = words;
      if (compare !== null) compare.hidden = !comparable;
    }
    words(name) {
      return this.form.dataset[name] ?? "";
    }
  };
  var Saving = class {
    constructor(form2, rows, news) {
      this.form = form2;
      this.rows = rows;
      this.news = news;
      this.timer = 0;
      this.changed = false;
      this.underWay = false;
      this.stopped = false;
    }
    get isOwing() {
      return this.changed || this.underWay;
    }
    /** What was sent as a plain form is no longer this page's to worry about. */
    handedOver() {
      window.clearTimeout(this.timer);
      this.changed = this.underWay = false;
      this.stopped = true;
    }
    touched() {
      this.changed = true;
      this.news.quietly(this.news.words("unsaved"), true);
      this.later(SAVE_AFTER);
    }
    later(milliseconds) {
      window.clearTimeout(this.timer);
      if (!this.stopped) this.timer = window.setTimeout(() => void this.save(), milliseconds);
    }
    async save() {
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
    async send(isSecond = false) {
      try {
        const answer = await fetch(this.form.action, { method: "POST", headers: this.headers(), body: this.body(), redirect: "error" });
        if (answer.ok) {
          this.took(await answer.json());
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
    async sendAnew() {
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
    headers() {
      return { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.hidden("csrf_token").value };
    }
    body() {
      const language = this.form.querySelector("[name=language]")?.value ?? "";
      return JSON.stringify({ revision: Number(this.hidden("revision").value), language, segments: this.rows.read() });
    }
    took(saved) {
      this.hidden("revision").value = String(saved.revision);
      this.news.quietly(saved.words, false);
    }
    tell(fate) {
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
    hidden(name) {
      const found = this.form.querySelector(`input[name="${name}"]`);
      if (found === null) throw new Error(`a form without ${name}`);
      return found;
    }
  };
  var Listening = class {
    constructor(player, rows, saving) {
      this.player = player;
      this.rows = rows;
      this.saving = saving;
      player?.addEventListener("timeupdate", () => this.follow(player.currentTime * 1e3));
    }
    pressed(event) {
      if (event.isComposing) return;
      const act = this.actOf(event);
      if (act === null) return;
      event.preventDefault();
      act();
    }
    actOf(event) {
      if (event.key === "Escape") return () => this.playOrPause();
      if (event.altKey && !event.ctrlKey && !event.metaKey) {
        const acts = {
          KeyJ: () => this.move(-STEP_SECONDS),
          KeyL: () => this.move(STEP_SECONDS),
          KeyS: () => this.changeSpeaker(),
          KeyU: () => this.markUncertain()
        };
        return acts[event.code] ?? null;
      }
      const plainEnter = event.key === "Enter" && !event.shiftKey && !event.ctrlKey;
      return plainEnter && event.target instanceof HTMLTextAreaElement ? () => this.nextSegment() : null;
    }
    playOrPause() {
      if (this.player === null) return;
      if (this.player.paused) void this.player.play();
      else this.player.pause();
    }
    move(seconds) {
      if (this.player !== null) this.player.currentTime = Math.max(0, this.player.currentTime + seconds);
    }
    /** The next row; after the last a new one, which begins where the recording is now. */
    nextSegment() {
      const row = this.rows.rowOf(document.activeElement);
      if (row === null) return;
      const next = this.rows.rowAfter(row) ?? this.begin(row);
      this.rows.control(next, "text").focus();
    }
    begin(last) {
      const end = this.rows.control(last, "end");
      const now = this.player === null ? 0 : Math.round(this.player.currentTime * 1e3);
      if (now > readTime(this.rows.control(last, "start").value)) end.value = writeTime(now);
      const added = this.rows.addAfter(last, { start: end.value, end: end.value });
      this.saving.touched();
      return added;
    }
    /** Through the speakers that the transcript knows, one press each. */
    changeSpeaker() {
      const row = this.rows.rowOf(document.activeElement);
      if (row === null) return;
      const known = [...new Set(this.rows.read().map((segment) => segment.speaker))].filter((name) => name !== "");
      const field = this.rows.control(row, "speaker");
      const next = known[(known.indexOf(field.value) + 1) % known.length];
      if (next === void 0 || next === field.value) {
        field.focus();
        return;
      }
      field.value = next;
      this.saving.touched();
    }
    /** Around what is chosen, or a mark where something could not be made out. */
    markUncertain() {
      const text = document.activeElement;
      if (!(text instanceof HTMLTextAreaElement)) return;
      const [from, to] = [text.selectionStart, text.selectionEnd];
      const guess = text.value.slice(from, to);
      text.setRangeText(guess === "" ? "[uncertain]" : `[uncertain: ${guess}]`, from, to, "end");
      this.saving.touched();
    }
    follow(now) {
      for (const row of this.rows.all) {
        const [start2, end] = [readTime(this.rows.control(row, "start").value), readTime(this.rows.control(row, "end").value)];
        row.classList.toggle("playing", start2 <= now && now < end);
      }
    }
  };
  function changeInPlace(button, rows) {
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
        if (rows.all.length === 1) return null;
        const near = rows.rowAfter(row) ?? rows.all[rows.all.indexOf(row) - 1] ?? null;
        rows.remove(row);
        return near;
      }
      default:
        return null;
    }
  }
  function start(form2) {
    const rows = new Rows(form2);
    const news = new News(form2);
    const saving = new Saving(form2, rows, news);
    const listening = new Listening(document.querySelector("[data-player]"), rows, saving);
    form2.addEventListener("input", () => saving.touched());
    document.addEventListener("keydown", (event) => listening.pressed(event));
    form2.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button[name=do]") : null;
      if (button === null) return;
      const row = changeInPlace(button, rows);
      if (row === null) return;
      event.preventDefault();
      rows.control(row, "text").focus();
      saving.touched();
    });
    document.addEventListener(SIGNED_IN, () => void saving.save());
    form2.addEventListener("submit", () => saving.handedOver());
    window.addEventListener("beforeunload", (event) => {
      if (saving.isOwing) event.preventDefault();
    });
  }
  var form = document.querySelector("[data-transcript]");
  if (form !== null) start(form);
})();
