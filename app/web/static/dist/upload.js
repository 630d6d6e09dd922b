"use strict";
(() => {
  // common/standing.ts
  var SIGNED_OUT = "vouchsafe:signed-out";
  var SIGNED_IN = "vouchsafe:signed-in";
  var ACTIVE = "vouchsafe:active";
  function tokenOf() {
    return document.querySelector('input[name="csrf_token"]')?.value ?? "";
  }

  // choosing/pace.ts
  var WINDOW = 12e3;
  var Pace = class {
    constructor() {
      this.moments = [];
    }
    /** `sent` bytes have gone by now. */
    mark(sent, at = Date.now()) {
      this.moments.push({ at, sent });
      this.moments = this.moments.filter((moment) => at - moment.at <= WINDOW);
    }
    /** A rest is no slowness. */
    rest() {
      this.moments = [];
    }
    /** Bytes each second; null while it cannot be told. */
    get speed() {
      const [first, last] = [this.moments[0], this.moments[this.moments.length - 1]];
      if (first === void 0 || last === void 0 || last.at - first.at < 1e3 || last.sent <= first.sent) return null;
      return (last.sent - first.sent) * 1e3 / (last.at - first.at);
    }
  };

  // choosing/row.ts
  var MOVING = ["waits", "sending", "retrying", "full", "signed-out"];
  var ALOUD = ["paused", "retrying", "full", "signed-out", "done", "refused"];
  var Row = class {
    constructor(file, words, presses, isRemovable) {
      this.file = file;
      this.words = words;
      this.isRemovable = isRemovable;
      this.state = "waits";
      this.begun = false;
      this.asset = "";
      this.pace = new Pace();
      this.element = words.part("row");
      this.part("name").textContent = file.name;
      this.part("size").textContent = words.size(file.size);
      this.part("bar").setAttribute("aria-label", file.name);
      this.press("pause", () => presses.pause());
      this.press("go-on", () => presses.goOn());
      this.press("remove", () => presses.remove());
      this.show("waits", 0, null);
    }
    get isOnItsWay() {
      return !["done", "removed", "refused"].includes(this.state);
    }
    learn(standing) {
      this.begun || (this.begun = standing.begun);
      this.asset = standing.asset;
      this.show(standing.state, standing.sent, standing.why);
    }
    /** Not even the worker could be fetched. */
    waitForTheNetwork() {
      this.show("retrying", 0, null);
    }
    /** Not to be sent at all, and why. */
    refuse(why) {
      this.enter("refused");
      this.tell(this.words.say(why));
    }
    show(state, sent, why) {
      if (state === "sending") this.pace.mark(sent);
      else this.pace.rest();
      const bar = this.part("bar");
      bar.value = sent / Math.max(1, this.file.size);
      const isNew = state !== this.state;
      this.enter(state);
      const words = why === null ? this.sentence(state, sent) : this.words.say(why);
      this.tell(words);
      if (isNew && ALOUD.includes(state)) this.part("spoken").textContent = `${this.file.name}: ${words}`;
    }
    enter(state) {
      this.state = state;
      this.element.dataset["state"] = state;
      this.part("bar").hidden = state === "refused";
      this.part("pause").hidden = !MOVING.includes(state);
      this.part("go-on").hidden = !["paused", "retrying", "full"].includes(state);
      this.part("remove").hidden = !this.isRemovable || state === "finishing";
    }
    sentence(state, sent) {
      const values = { sent: this.words.size(sent), size: this.words.size(this.file.size) };
      const speed = this.pace.speed;
      if (state !== "sending" || speed === null) return this.words.say(state, values);
      const left = this.words.time((this.file.size - sent) / speed);
      return this.words.say("sending-with-pace", { ...values, speed: this.words.speed(speed), left });
    }
    tell(words) {
      const news = this.part("news");
      if (news.textContent !== words) news.textContent = words;
    }
    press(name, act) {
      this.part(name).addEventListener("click", act);
    }
    part(name) {
      const found = this.element.querySelector(`[data-upload-${name}]`);
      if (found === null) throw new Error(`a row without ${name}`);
      return found;
    }
  };

  // choosing/worker.ts
  var WORKER = /^\/static\/dist\/upload\.worker\.js(?:\?v=[0-9a-f]{12})?$/;
  var POLICY = "vouchsafe";
  var TRY_AGAIN_AFTER = 3e3;
  var Line = class {
    constructor(url, hear, unreachable) {
      this.url = url;
      this.hear = hear;
      this.unreachable = unreachable;
      this.worker = null;
      /** What was said before the worker spoke: if it could not be fetched, the next one hears it again. */
      this.unheard = [];
    }
    get isOpen() {
      return this.worker !== null;
    }
    say(order) {
      this.worker ?? (this.worker = this.open());
      this.unheard?.push(order);
      this.worker.postMessage(order);
    }
    open() {
      const worker = new Worker(trusted(this.url));
      worker.addEventListener("message", (event) => {
        this.unheard = null;
        this.hear(event.data);
      });
      worker.addEventListener("error", () => {
        if (this.unheard === null) return;
        this.unreachable();
        window.setTimeout(() => this.openAgain(), TRY_AGAIN_AFTER);
      });
      return worker;
    }
    openAgain() {
      this.worker = this.open();
      for (const order of this.unheard ?? []) this.worker.postMessage(order);
    }
  };
  function only(url) {
    if (!WORKER.test(url)) throw new TypeError("no script of ours");
    return url;
  }
  var policy;
  function trusted(url) {
    const factory = window.trustedTypes;
    if (factory === void 0) return only(url);
    policy ?? (policy = factory.createPolicy(POLICY, { createScriptURL: only }));
    return policy.createScriptURL(url);
  }

  // choosing/desk.ts
  function saidOf(file, about) {
    const { title = "", credit = "", warning = "" } = about;
    return { name: file.name, title, credit, warning, type: file.type };
  }
  var Desk = class {
    constructor(words) {
      this.words = words;
      this.rows = /* @__PURE__ */ new Map();
      this.listeners = [];
      this.halted = () => {
      };
      this.last = 0;
      this.line = new Line(
        words.worker,
        (report) => this.hear(report),
        () => this.rows.forEach((row) => row.isOnItsWay && row.waitForTheNetwork())
      );
      document.addEventListener(SIGNED_IN, () => this.saying({ do: "signed-in", token: tokenOf() }));
      window.addEventListener("online", () => this.saying({ do: "online" }));
    }
    /** Calls after every change. */
    listen(changed) {
      this.listeners.push(changed);
    }
    send(file, about, target) {
      const [id, row] = this.add(file);
      this.line.say({ do: "send", id, file, said: saidOf(file, about), target, token: tokenOf() });
      return row;
    }
    resume(file, asset) {
      const [id, row] = this.add(file, false);
      this.line.say({ do: "resume", id, file, said: saidOf(file, {}), asset, token: tokenOf() });
      return row;
    }
    /** A row for a file that is not sent. */
    refuse(file, why) {
      const [, row] = this.add(file);
      row.refuse(why);
      return row;
    }
    /** Settles when the pieces in hand have arrived and nothing more is sent. */
    async halt() {
      if (!this.line.isOpen) return;
      const halted = new Promise((settle) => this.halted = settle);
      this.line.say({ do: "halt" });
      await halted;
    }
    proceed() {
      this.saying({ do: "proceed" });
    }
    add(file, isRemovable = true) {
      const id = ++this.last;
      const presses = {
        pause: () => this.saying({ do: "pause", id }),
        goOn: () => this.saying({ do: "go-on", id }),
        remove: () => this.remove(id)
      };
      const row = new Row(file, this.words, presses, isRemovable);
      this.rows.set(id, row);
      return [id, row];
    }
    remove(id) {
      const row = this.rows.get(id);
      this.saying({ do: "remove", id });
      if (row === void 0) return;
      row.state = "removed";
      this.rows.delete(id);
      row.element.remove();
      this.changed();
    }
    hear(report) {
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
    saying(order) {
      if (this.line.isOpen) this.line.say(order);
    }
    changed() {
      for (const listener of this.listeners) listener();
    }
  };

  // choosing/form.ts
  var HALT_AT_MOST = 1e4;
  var STILL_HERE_AFTER = 2e4;
  var FormFiles = class {
    constructor(form, desk) {
      this.form = form;
      this.desk = desk;
      this.rows = [];
      this.target = JSON.parse(form.dataset["uploadTarget"] ?? "");
      this.leaving = new Leaving(desk, {
        onTheirWay: () => this.onTheirWay,
        refused: () => this.rows.filter((row) => row.state === "refused").length,
        send: (submitter) => this.submit(submitter)
      });
      swap(form);
      for (const input of form.querySelectorAll("input[type=file][data-upload]")) this.takeOver(input);
      desk.listen(() => this.changed());
      form.addEventListener("submit", (event) => this.submitted(event));
    }
    takeOver(input) {
      input.removeAttribute("name");
      input.required = false;
      input.multiple = true;
      const list = this.desk.words.part("list");
      this.explain(input);
      input.after(list);
      input.addEventListener("change", () => this.chosen(input, list));
      this.chosen(input, list);
    }
    chosen(input, list) {
      const files = Array.from(input.files ?? []);
      if (files.length === 0) return;
      const about = this.takeAbout();
      for (const file of files) list.append(this.take(file, about).element);
      input.value = "";
      this.changed();
    }
    /** The limits of a plain form hold no longer. */
    explain(input) {
      const hint = this.desk.words.part("hint");
      const plain = document.getElementById(`${input.id}-hint`);
      if (plain === null) input.before(hint);
      else plain.textContent = hint.textContent;
    }
    /** What was said of the files that are chosen now; the next ones begin with nothing said. */
    takeAbout() {
      const fields = Array.from(this.form.querySelectorAll("input[data-upload-said]"));
      const about = fields.map((field) => [field.dataset["uploadSaid"] ?? "", field.type !== "checkbox" || field.checked ? field.value : ""]);
      for (const field of fields) {
        if (field.type === "checkbox") field.checked = false;
        else field.value = "";
      }
      return Object.fromEntries(about);
    }
    take(file, about) {
      const row = this.refused(file) ?? this.desk.send(file, about, this.target);
      this.rows.push(row);
      return row;
    }
    refused(file) {
      if (file.size === 0) return this.desk.refuse(file, "empty");
      if (file.size > this.target.bytes) return this.desk.refuse(file, "too-large");
      return this.isTooMany ? this.desk.refuse(file, "too-many") : null;
    }
    get isTooMany() {
      return this.rows.filter((row) => row.isOnItsWay || row.state === "done").length >= this.target.files;
    }
    get onTheirWay() {
      return this.rows.filter((row) => row.isOnItsWay).length;
    }
    /** The form names the files that the server knows of, whether all of them has arrived or not. */
    changed() {
      const begun = this.rows.filter((row) => row.begun && row.state !== "removed").map((row) => row.asset);
      const inputs = Array.from(this.form.querySelectorAll("input[name=upload][data-upload-begun]"));
      for (const input of inputs) if (!begun.includes(input.value)) input.remove();
      const known = inputs.map((input) => input.value);
      for (const asset of begun) if (!known.includes(asset)) this.form.append(hidden(asset));
      this.leaving.changed();
    }
    submitted(event) {
      if (event.defaultPrevented || this.onTheirWay === 0 || this.leaving.takeDecision()) return;
      event.preventDefault();
      this.leaving.ask(event.submitter);
    }
    submit(submitter) {
      this.form.requestSubmit(submitter?.isConnected ? submitter : null);
    }
  };
  var Leaving = class {
    constructor(desk, way) {
      this.desk = desk;
      this.way = way;
      this.isDecided = false;
      this.submitter = null;
      this.waits = false;
      this.refused = 0;
      this.dialog = desk.words.part("leaving");
      this.button("wait").addEventListener("click", () => this.wait());
      this.button("now").addEventListener("click", () => void this.now());
      this.button("back").addEventListener("click", () => this.dialog.close());
      this.dialog.addEventListener("close", () => this.backToTheForm());
      this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
    }
    ask(submitter) {
      this.submitter = submitter;
      this.refused = this.way.refused();
      this.say();
      document.body.append(this.dialog);
      this.dialog.showModal();
    }
    /** A file arrived: after the last one there is nothing left to ask. One that was not taken is looked at first. */
    changed() {
      if (!this.dialog.open || this.isDecided) return;
      if (this.way.onTheirWay() > 0) this.say();
      else if (this.way.refused() > this.refused) this.dialog.close();
      else this.send();
    }
    wait() {
      this.waits = true;
      this.say();
    }
    /** The pieces in hand are finished first, if that is soon. */
    async now() {
      this.dialog.setAttribute("aria-busy", "true");
      await Promise.race([this.desk.halt(), new Promise((settle) => window.setTimeout(settle, HALT_AT_MOST))]);
      this.dialog.removeAttribute("aria-busy");
      if (this.dialog.open) this.send();
    }
    /** Whether the person has said that the words go now; asked once, for the session's dialog may come between. */
    takeDecision() {
      const decided = this.isDecided;
      this.isDecided = false;
      return decided;
    }
    /** Where the form does not leave the page after all, files go on. */
    send() {
      this.isDecided = true;
      this.dialog.close();
      this.way.send(this.submitter);
      window.setTimeout(() => this.desk.proceed(), STILL_HERE_AFTER);
    }
    backToTheForm() {
      this.waits = false;
      this.dialog.remove();
      if (!this.isDecided) this.desk.proceed();
    }
    say() {
      const files = this.way.onTheirWay();
      this.element("title").textContent = this.desk.words.count("on-their-way", files);
      this.element("asks").hidden = this.waits;
      this.element("waits").hidden = !this.waits;
      this.button("wait").hidden = this.waits;
    }
    button(name) {
      return this.element(name);
    }
    element(name) {
      const found = this.dialog.querySelector(`[data-upload-leaving-${name}]`);
      if (found === null) throw new Error(`a dialog without ${name}`);
      return found;
    }
  };
  function swap(form) {
    for (const plain of form.querySelectorAll("[data-upload-instead]")) plain.remove();
    for (const place of form.querySelectorAll("[data-upload-only]")) place.hidden = false;
  }
  function hidden(asset) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = "upload";
    input.value = asset;
    input.dataset["uploadBegun"] = "";
    return input;
  }

  // choosing/unfinished.ts
  var Unfinished = class {
    constructor(item, desk) {
      this.item = item;
      this.desk = desk;
      this.row = null;
      const input = item.querySelector("input[type=file]");
      if (input === null) throw new Error("an unfinished file without a way to choose it");
      this.input = input;
      this.list = desk.words.part("list");
      this.place("way").hidden = false;
      input.addEventListener("change", () => this.chosen());
      desk.listen(() => this.changed());
    }
    chosen() {
      const file = this.input.files?.[0];
      if (file === void 0) return;
      this.input.value = "";
      this.say("");
      if (file.size !== Number(this.item.dataset["length"])) return this.say(this.desk.words.say("another-file"));
      this.row = this.desk.resume(file, this.item.dataset["asset"] ?? "");
      this.list.replaceChildren(this.row.element);
      this.place("way").before(this.list);
      this.goesOn(true);
    }
    /** Its row says how far it is; until then the page does. */
    goesOn(isOnItsWay) {
      this.place("way").hidden = isOnItsWay;
      this.place("stands").hidden = isOnItsWay;
    }
    /** Another file leaves everything as it was. */
    changed() {
      if (this.row?.state === "done") this.item.querySelector("[data-unfinished-discard]")?.remove();
      if (this.row === null || this.row.state !== "refused") return;
      const words = this.row.element.querySelector("[data-upload-news]")?.textContent ?? "";
      this.list.remove();
      this.row = null;
      this.goesOn(false);
      this.say(words);
    }
    say(words) {
      const news = this.place("refusal");
      news.textContent = words;
      news.hidden = words === "";
    }
    place(name) {
      const found = this.item.querySelector(`[data-unfinished-${name}]`);
      if (found === null) throw new Error(`an unfinished file without ${name}`);
      return found;
    }
  };

  // choosing/words.ts
  var SIZES = [
    ["gigabyte", 1e9],
    ["megabyte", 1e6],
    ["kilobyte", 1e3]
  ];
  var Words = class {
    constructor(template2) {
      this.template = template2;
      this.language = document.documentElement.lang || "en";
    }
    /** Where the worker lies. */
    get worker() {
      return this.template.dataset["worker"] ?? "";
    }
    /** The sentence of that name, with `{names}` filled in. Raises where the page has none. */
    say(name, values = {}) {
      const found = this.template.content.querySelector(`[data-say="${name}"]`);
      if (found === null) throw new Error(`a page without words for ${name}`);
      return (found.textContent ?? "").replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
    }
    /** The sentence of that name for a number of files, in the plural that the language has for it. */
    count(name, files) {
      return this.say(`${name}-${files}`);
    }
    part(name) {
      const found = this.template.content.querySelector(`[data-upload-part="${name}"]`);
      if (found === null) throw new Error(`a page without ${name}`);
      return found.cloneNode(true);
    }
    size(bytes) {
      const [unit, factor] = SIZES.find(([, least]) => bytes >= least) ?? SIZES[2];
      return this.unit(unit, bytes > 0 ? Math.max(0.1, bytes / factor) : 0);
    }
    speed(bytesEachSecond) {
      const [unit, factor] = SIZES.find(([, least]) => bytesEachSecond >= least) ?? SIZES[2];
      return this.unit(`${unit}-per-second`, bytesEachSecond / factor);
    }
    /** In one unit, rounded up: what is left is a guess. */
    time(seconds) {
      if (seconds >= 5400) return this.unit("hour", seconds / 3600);
      if (seconds >= 90) return this.unit("minute", Math.ceil(seconds / 60));
      return this.unit("second", Math.max(1, Math.ceil(seconds / 5) * 5));
    }
    unit(unit, value) {
      const digits = { maximumFractionDigits: value < 100 ? 1 : 0 };
      if (Intl.NumberFormat.supportedLocalesOf(this.language).length === 0) return this.say(unit, { n: this.number(value, digits) });
      return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "short", ...digits }).format(value);
    }
    /** In a language that this browser does not know: Chromium writes Armenian numbers as English ones. */
    number(value, digits) {
      const [, sign = "."] = this.say("a-half");
      return new Intl.NumberFormat("en", { useGrouping: false, ...digits }).format(value).replace(".", sign);
    }
  };

  // upload.ts
  function start(template2) {
    const desk = new Desk(new Words(template2));
    for (const form of document.querySelectorAll("form[data-upload-target]")) new FormFiles(form, desk);
    for (const item of document.querySelectorAll("[data-unfinished]")) new Unfinished(item, desk);
  }
  var template = document.querySelector("template[data-upload-words]");
  var canSeal = window.isSecureContext && "Worker" in window && "subtle" in crypto;
  if (template !== null && canSeal) start(template);
})();
