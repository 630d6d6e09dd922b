"use strict";
(() => {
  // common/selecting.ts
  function onceSelectedIn(text, done) {
    let began = false;
    text.addEventListener("pointerdown", () => began = true);
    document.addEventListener("pointerup", () => {
      if (began) setTimeout(done);
      began = false;
    });
  }

  // redaction.ts
  var ACTION_OF_KEY = { r: "remove", m: "pseudonym", g: "generalise" };
  var words = document.querySelector("[data-redaction]");
  var form = document.querySelector("form[data-mark]");
  var press = document.querySelector("form[data-press]");
  var panel = document.querySelector("details[data-panel]");
  var toggle = document.querySelector("a[role=switch]");
  function codePoints(text) {
    return [...text].length;
  }
  function textBefore(line, node, offset) {
    const before = document.createRange();
    before.setStart(line, 0);
    before.setEnd(node, offset);
    const copy = before.cloneContents();
    copy.querySelectorAll(".as").forEach((label) => label.remove());
    return copy.textContent ?? "";
  }
  function textOf(line) {
    return textBefore(line, line, line.childNodes.length);
  }
  function pieceOf(line, range) {
    const isFrom = line.contains(range.startContainer);
    const isTo = line.contains(range.endContainer);
    const before = isFrom ? textBefore(line, range.startContainer, range.startOffset) : "";
    const through = isTo ? textBefore(line, range.endContainer, range.endOffset) : textOf(line);
    return { line, before, through, words: through.slice(before.length) };
  }
  function selectedPieces(range) {
    const lines = [...words?.querySelectorAll("[data-target]") ?? []];
    const pieces = lines.filter((line) => range.intersectsNode(line)).map((line) => pieceOf(line, range));
    return pieces.filter((piece) => piece.words.trim() !== "");
  }
  function readSelection() {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const pieces = selectedPieces(selection.getRangeAt(0));
    const first = pieces[0];
    const last = pieces[pieces.length - 1];
    const target = first?.line.dataset["target"];
    if (!first || !last || target === void 0 || target !== last.line.dataset["target"]) return null;
    const leading = codePoints(first.words) - codePoints(first.words.trimStart());
    const trailing = codePoints(last.words) - codePoints(last.words.trimEnd());
    const start = Number(first.line.dataset["start"]) + codePoints(first.before) + leading;
    const end = Number(last.line.dataset["start"]) + codePoints(last.through) - trailing;
    const chosen = pieces.map((piece) => piece.words).join("\n");
    return { target, start, end, words: chosen.trim().replace(/\s+/g, " ") };
  }
  function field(of, name) {
    const found = of.elements.namedItem(name);
    return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found : null;
  }
  function set(of, values) {
    for (const [name, value] of Object.entries(values)) {
      const found = field(of, name);
      if (found) found.value = value;
    }
  }
  function takeSelection() {
    const span = readSelection();
    if (!span || !form || !panel) return;
    set(form, {
      do: "add",
      mark: "",
      target: span.target,
      start: String(span.start),
      end: String(span.end),
      words: span.words
    });
    panel.open = true;
    panel.classList.add("is-sheet");
  }
  function forgetSpan() {
    if (form) set(form, { target: "", start: "", end: "" });
  }
  function decideSelected(action) {
    if (!form || !panel) return;
    panel.open = true;
    set(form, { action });
    const next = action === "remove" ? form.querySelector("button") : field(form, "replacement");
    next?.focus();
  }
  function places() {
    return [...words?.querySelectorAll("[data-place]") ?? []];
  }
  function current() {
    const focused = document.activeElement?.closest("[data-place]");
    return focused ?? words?.querySelector("[data-place]:has(.is-at)") ?? null;
  }
  function firstFrom(all) {
    const line = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!line) return 0;
    const isFrom = (place) => (line.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    return Math.max(all.findIndex(isFrom), 0);
  }
  function step(by) {
    const all = places();
    const here = current();
    const at = here ? all.indexOf(here) + by : firstFrom(all) - (by === 1 ? 0 : 1);
    const link = all[Math.min(Math.max(at, 0), all.length - 1)]?.querySelector("a.m");
    link?.focus();
    link?.scrollIntoView({ block: "center" });
  }
  function pressOn(place, action) {
    if (!press) return;
    const isGuess = place.dataset["kind"] === "guess";
    const mark = isGuess ? "" : place.dataset["mark"] ?? "";
    const about = isGuess ? place.dataset["place"] ?? "" : "";
    set(press, { do: isGuess ? "take" : "set", mark, place: about, action: action ?? "" });
    press.requestSubmit();
  }
  function decide(action) {
    const here = current();
    if (readSelection()) {
      decideSelected(action);
    } else if (!here) {
      return;
    } else if (action === "remove") {
      pressOn(here, action);
    } else {
      const link = here.querySelector("a.m");
      if (link) location.assign(withAction(link.href, action));
    }
  }
  function withAction(href, action) {
    const url = new URL(href);
    url.searchParams.set("action", action);
    return url.href;
  }
  function takeSuggestion() {
    const here = current();
    if (here?.dataset["kind"] === "guess") pressOn(here, null);
  }
  function isTyping(event) {
    const at = event.target;
    return at instanceof HTMLInputElement || at instanceof HTMLSelectElement || at instanceof HTMLTextAreaElement;
  }
  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) return;
    const key = event.key.toLowerCase();
    const action = ACTION_OF_KEY[key];
    if (key === "v") toggle?.click();
    else if (key === "n") step(1);
    else if (key === "p") step(-1);
    else if (key === "y" && press) takeSuggestion();
    else if (action && press) decide(action);
    else return;
    event.preventDefault();
  }
  if (words) onceSelectedIn(words, takeSelection);
  words?.addEventListener("keyup", (event) => {
    if (event.shiftKey) takeSelection();
  });
  if (form) field(form, "words")?.addEventListener("input", forgetSpan);
  panel?.addEventListener("toggle", () => {
    if (!panel.open) panel.classList.remove("is-sheet");
  });
  document.addEventListener("keydown", onKey);
  if (panel?.open) {
    panel.classList.add("is-sheet");
    addEventListener("load", () => setTimeout(() => form && field(form, "replacement")?.focus({ preventScroll: true })));
  }
})();
