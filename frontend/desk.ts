/* The lists of a desk by keyboard: J and K go from row to row, Enter opens the one that is marked. */

const rows = Array.from(document.querySelectorAll<HTMLElement>("[data-queue] [data-row]"));

function nameOf(row: HTMLElement): HTMLAnchorElement | null {
  return row.querySelector<HTMLAnchorElement>("a.name");
}

function standing(): number {
  return rows.findIndex((row) => row.getAttribute("aria-current") === "true");
}

function standOn(place: number): void {
  const next = rows[Math.max(0, Math.min(place, rows.length - 1))];
  if (next === undefined) return;
  for (const row of rows) row.removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  nameOf(next)?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function move(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (key !== "j" && key !== "k") return;
  event.preventDefault();
  standOn(standing() + (key === "j" ? 1 : -1));
}

for (const [place, row] of rows.entries()) nameOf(row)?.addEventListener("focus", () => {
  if (standing() !== place) standOn(place);
});
document.addEventListener("keydown", move);
