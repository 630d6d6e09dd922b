"use strict";
(() => {
  // common/standing.ts
  var SIGNED_OUT = "vouchsafe:signed-out";
  var SIGNED_IN = "vouchsafe:signed-in";
  var ACTIVE = "vouchsafe:active";
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
  function tokenOf() {
    return document.querySelector('input[name="csrf_token"]')?.value ?? "";
  }
  function clear() {
    document.body.replaceChildren();
    window.location.replace("/");
  }

  // session.ts
  var WARN_SECONDS = 180;
  var ASK_SECONDS = WARN_SECONDS + 15;
  var ASK_AGAIN_AFTER = 2e4;
  var ACTIVE_MILLISECONDS = 18e4;
  function part(name, within = document) {
    const found = within.querySelector(`[data-session-${name}]`);
    if (found === null) throw new Error(`a page without ${name}`);
    return found;
  }
  async function post(path, token, body) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token };
    return fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
  }
  var Door = class {
    constructor() {
      this.isLocked = false;
      /** What the dialog offers a page with a statement on it: to be kept sealed, with nobody signed in. */
      this.later = null;
      this.isBusy = false;
      this.waiting = [];
      const made = part("template").content.cloneNode(true);
      this.dialog = part("door", made);
      this.form = part("form", made);
      this.refusal = part("refusal", made);
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.knock();
      });
      this.dialog.addEventListener("cancel", (event) => {
        if (this.isLocked) event.preventDefault();
      });
      this.dialog.addEventListener("close", () => this.closed());
      this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
      part("other", made).addEventListener("click", (event) => {
        event.preventDefault();
        clear();
      });
      part("later", made).addEventListener("click", () => this.later?.());
    }
    /** Settles with the new session, or with null where the person put it off. */
    open(locked) {
      this.isLocked || (this.isLocked = locked);
      document.documentElement.toggleAttribute("data-ended", this.isLocked);
      for (const why of this.dialog.querySelectorAll("[data-session-why]")) {
        why.hidden = why.dataset["sessionWhy"] === "ended" !== this.isLocked;
      }
      for (const player of document.querySelectorAll("audio, video")) player.pause();
      part("later", this.dialog).hidden = this.later === null;
      if (!this.dialog.open) {
        this.say("");
        document.body.append(this.dialog);
        this.dialog.showModal();
      }
      return new Promise((settle) => this.waiting.push(settle));
    }
    /** The session turned out to live on: another page of the same person signed in. */
    release(standing) {
      if (this.dialog.open) this.settle(standing);
    }
    async knock() {
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
    async enter() {
      const now = await ask();
      if (now.whose !== "" && now.whose !== pageOf()) return clear();
      const [words, code] = [this.field("words"), this.field("code")];
      const answer = await post(this.form.action, now.token, { whose: pageOf(), words: words.value, code: code.value });
      code.value = "";
      const said = await answer.json();
      if (answer.ok) {
        words.value = "";
        this.settle(said);
        return;
      }
      this.say(said.what ?? "");
      (answer.status === 429 ? code : words).focus();
    }
    settle(standing) {
      carry(standing.token);
      this.isLocked = false;
      document.documentElement.removeAttribute("data-ended");
      const waiting = this.waiting.splice(0);
      this.dialog.close();
      this.dialog.remove();
      for (const settle of waiting) settle(standing);
      document.dispatchEvent(new CustomEvent(SIGNED_IN));
    }
    closed() {
      if (this.dialog.open) return;
      for (const name of ["words", "code"]) this.field(name).value = "";
      if (this.isLocked) {
        this.dialog.showModal();
        return;
      }
      this.dialog.remove();
      for (const settle of this.waiting.splice(0)) settle(null);
    }
    say(words) {
      this.refusal.textContent = words;
      this.refusal.hidden = words === "";
    }
    field(name) {
      const found = this.form.elements.namedItem(name);
      if (!(found instanceof HTMLInputElement)) throw new Error(`a door without ${name}`);
      return found;
    }
  };
  var Watch = class {
    constructor(door) {
      this.door = door;
      this.strip = part("strip");
      this.time = part("time");
      this.button = part("stay");
      this.spoken = part("spoken");
      this.isLast = false;
      this.asked = 0;
      this.active = 0;
      this.ends = Date.now() + Number(this.strip.dataset["left"]) * 1e3;
      for (const sign of ["keydown", "pointerdown", "input", "wheel", ACTIVE]) {
        document.addEventListener(sign, () => this.active = Date.now(), { passive: true, capture: true });
      }
      this.button.addEventListener("click", () => void this.prolong());
      document.addEventListener("visibilitychange", () => this.look());
      window.setInterval(() => this.look(), 1e3);
    }
    learn(standing) {
      this.ends = Date.now() + standing.left * 1e3;
      this.isLast = standing.last;
      this.show();
    }
    get left() {
      return Math.max(0, Math.round((this.ends - Date.now()) / 1e3));
    }
    look() {
      if (this.left <= ASK_SECONDS && Date.now() - this.asked > ASK_AGAIN_AFTER) void this.compare();
      this.show();
    }
    /** What the page reckons may be wrong: another page, a player or a save has been a sign of life since. */
    async compare() {
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
        if (this.left === 0) void this.over();
      }
    }
    async prolong() {
      if (this.isLast) {
        const standing = await this.door.open(false);
        if (standing !== null) this.learn(standing);
        return;
      }
      const answer = await post("/session", tokenOf(), {}).catch(() => null);
      if (answer?.ok) this.learn(await answer.json());
    }
    async over() {
      if (this.door.isLocked) return;
      this.ends = Date.now();
      this.show();
      const standing = await this.door.open(true);
      if (standing !== null) this.learn(standing);
    }
    show() {
      const near = this.left <= WARN_SECONDS && this.left > 0;
      if (near && this.strip.hidden) this.announce();
      this.strip.hidden = !near;
      if (!near) return;
      const [minutes, seconds] = [Math.floor(this.left / 60), this.left % 60];
      this.time.textContent = `${minutes}:${String(seconds).padStart(2, "0")}`;
      this.button.textContent = (this.isLast ? this.button.dataset["again"] : this.button.dataset["stay"]) ?? "";
    }
    announce() {
      this.spoken.textContent = this.spoken.dataset["words"] ?? "";
    }
  };
  var Gate = class {
    constructor(door, watch) {
      this.door = door;
      this.watch = watch;
      this.passing = /* @__PURE__ */ new WeakSet();
      this.waiting = /* @__PURE__ */ new WeakSet();
      this.pressed = null;
      document.addEventListener("submit", (event) => this.stop(event), true);
      const statement = document.querySelector("form [name=capsule]")?.closest("form") ?? null;
      if (statement !== null) door.later = () => this.send(statement, this.pressed);
    }
    stop(event) {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || form.getAttribute("method") !== "post" || this.passing.delete(form)) return;
      if ("leave" in form.dataset || "sessionForm" in form.dataset) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (this.waiting.has(form)) return;
      this.waiting.add(form);
      form.setAttribute("aria-busy", "true");
      const submitter = this.pressed = event.submitter;
      void this.admit().then((admitted) => {
        this.waiting.delete(form);
        if (admitted) this.send(form, submitter);
        else form.removeAttribute("aria-busy");
      });
    }
    async admit() {
      try {
        const standing2 = await ask();
        if (standing2.whose === pageOf()) {
          carry(standing2.token);
          return true;
        }
        if (standing2.whose !== "") {
          if (this.door.later !== null) return true;
          clear();
          return false;
        }
      } catch {
        return true;
      }
      const standing = await this.door.open(true);
      if (standing !== null) this.watch.learn(standing);
      return standing !== null;
    }
    send(form, submitter) {
      this.passing.add(form);
      form.addEventListener("submit", (event) => queueMicrotask(() => stayed(form, event)), { once: true });
      form.requestSubmit(submitter instanceof HTMLButtonElement && submitter.form === form ? submitter : null);
    }
  };
  function stayed(form, event) {
    if (event.defaultPrevented) form.removeAttribute("aria-busy");
  }
  function start() {
    const door = new Door();
    const watch = new Watch(door);
    new Gate(door, watch);
    let isAsking = false;
    document.addEventListener(SIGNED_OUT, () => {
      if (isAsking) return;
      isAsking = true;
      void meet(door, watch).finally(() => isAsking = false);
    });
  }
  async function meet(door, watch) {
    let standing;
    try {
      standing = await ask();
    } catch {
      return;
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
})();
