// The redaction workspace: words selected on the page go into the form, and keys reach every mark.
// Offsets are counted in Unicode code points, as the server counts them.

import { onceSelectedIn } from "./common/selecting";

interface Span {
  target: string;
  start: number;
  end: number;
  words: string;
}

type Action = "remove" | "pseudonym" | "generalise" | "keep";

const ACTION_OF_KEY: Readonly<Record<string, Action>> = { r: "remove", m: "pseudonym", g: "generalise" };

const words = document.querySelector<HTMLElement>("[data-redaction]");
const form = document.querySelector<HTMLFormElement>("form[data-mark]");
const press = document.querySelector<HTMLFormElement>("form[data-press]");
const panel = document.querySelector<HTMLDetailsElement>("details[data-panel]");
const toggle = document.querySelector<HTMLAnchorElement>("a[role=switch]");

function codePoints(text: string): number {
  return [...text].length;
}

/** The text of a line without the labels of its marks, up to a point in it. */
function textBefore(line: HTMLElement, node: Node, offset: number): string {
  const before = document.createRange();
  before.setStart(line, 0);
  before.setEnd(node, offset);
  const copy = before.cloneContents();
  copy.querySelectorAll(".as").forEach((label) => label.remove());
  return copy.textContent ?? "";
}

function textOf(line: HTMLElement): string {
  return textBefore(line, line, line.childNodes.length);
}

/** What of a line is selected, and what stands before it and up to its end. */
interface Piece {
  line: HTMLElement;
  before: string;
  through: string;
  words: string;
}

function pieceOf(line: HTMLElement, range: Range): Piece {
  const isFrom = line.contains(range.startContainer);
  const isTo = line.contains(range.endContainer);
  const before = isFrom ? textBefore(line, range.startContainer, range.startOffset) : "";
  const through = isTo ? textBefore(line, range.endContainer, range.endOffset) : textOf(line);
  return { line, before, through, words: through.slice(before.length) };
}

/** Every line with words of its own in the selection, which may begin or end beside the text: three clicks do. */
function selectedPieces(range: Range): Piece[] {
  const lines = [...(words?.querySelectorAll<HTMLElement>("[data-target]") ?? [])];
  const pieces = lines.filter((line) => range.intersectsNode(line)).map((line) => pieceOf(line, range));
  return pieces.filter((piece) => piece.words.trim() !== "");
}

/** What is selected, if it stands in one passage, without white space at its ends. */
function readSelection(): Span | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const pieces = selectedPieces(selection.getRangeAt(0));
  const first = pieces[0];
  const last = pieces[pieces.length - 1];
  const target = first?.line.dataset["target"];
  if (!first || !last || target === undefined || target !== last.line.dataset["target"]) return null;
  const leading = codePoints(first.words) - codePoints(first.words.trimStart());
  const trailing = codePoints(last.words) - codePoints(last.words.trimEnd());
  const start = Number(first.line.dataset["start"]) + codePoints(first.before) + leading;
  const end = Number(last.line.dataset["start"]) + codePoints(last.through) - trailing;
  const chosen = pieces.map((piece) => piece.words).join("\n");
  return { target, start, end, words: chosen.trim().replace(/\s+/g, " ") };
}

function field(of: HTMLFormElement, name: string): HTMLInputElement | HTMLSelectElement | null {
  const found = of.elements.namedItem(name);
  return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found : null;
}

function set(of: HTMLFormElement, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    const found = field(of, name);
    if (found) found.value = value;
  }
}

function takeSelection(): void {
  const span = readSelection();
  if (!span || !form || !panel) return;
  set(form, {
    do: "add",
    mark: "",
    target: span.target,
    start: String(span.start),
    end: String(span.end),
    words: span.words,
  });
  panel.open = true;
  panel.classList.add("is-sheet");
}

/** Words that were typed are looked for; the span that was pointed at is theirs no longer. */
function forgetSpan(): void {
  if (form) set(form, { target: "", start: "", end: "" });
}

function decideSelected(action: Action): void {
  if (!form || !panel) return;
  panel.open = true;
  set(form, { action });
  const next = action === "remove" ? form.querySelector<HTMLElement>("button") : field(form, "replacement");
  next?.focus();
}

// Marks, one after the other

function places(): HTMLElement[] {
  return [...(words?.querySelectorAll<HTMLElement>("[data-place]") ?? [])];
}

function current(): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>("[data-place]");
  return focused ?? words?.querySelector<HTMLElement>("[data-place]:has(.is-at)") ?? null;
}

/** Where to go on from while no mark is in hand: the line that the address names, where something was decided last. */
function firstFrom(all: readonly HTMLElement[]): number {
  const line = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!line) return 0;
  const isFrom = (place: HTMLElement) => (line.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  return Math.max(all.findIndex(isFrom), 0);
}

function step(by: 1 | -1): void {
  const all = places();
  const here = current();
  const at = here ? all.indexOf(here) + by : firstFrom(all) - (by === 1 ? 0 : 1);
  const link = all[Math.min(Math.max(at, 0), all.length - 1)]?.querySelector<HTMLElement>("a.m");
  link?.focus();
  link?.scrollIntoView({ block: "center" });
}

function pressOn(place: HTMLElement, action: Action | null): void {
  if (!press) return;
  const isGuess = place.dataset["kind"] === "guess";
  const mark = isGuess ? "" : (place.dataset["mark"] ?? "");
  const about = isGuess ? (place.dataset["place"] ?? "") : "";
  set(press, { do: isGuess ? "take" : "set", mark, place: about, action: action ?? "" });
  press.requestSubmit(); // unlike submit(), it asks first whether the session lives
}

function decide(action: Action): void {
  const here = current();
  if (readSelection()) {
    decideSelected(action);
  } else if (!here) {
    return;
  } else if (action === "remove") {
    pressOn(here, action);
  } else {
    const link = here.querySelector<HTMLAnchorElement>("a.m");
    if (link) location.assign(withAction(link.href, action));
  }
}

function withAction(href: string, action: Action): string {
  const url = new URL(href);
  url.searchParams.set("action", action);
  return url.href;
}

function takeSuggestion(): void {
  const here = current();
  if (here?.dataset["kind"] === "guess") pressOn(here, null);
}

function isTyping(event: KeyboardEvent): boolean {
  const at = event.target;
  return at instanceof HTMLInputElement || at instanceof HTMLSelectElement || at instanceof HTMLTextAreaElement;
}

function onKey(event: KeyboardEvent): void {
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
  // Going to the line that the address names takes the focus away, so this comes after it.
  addEventListener("load", () => setTimeout(() => form && field(form, "replacement")?.focus({ preventScroll: true })));
}
