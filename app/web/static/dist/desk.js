"use strict";
(() => {
  // desk.ts
  var rows = Array.from(document.querySelectorAll("[data-queue] [data-row]"));
  function nameOf(row) {
    return row.querySelector("a.name");
  }
  function standing() {
    return rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  }
  function standOn(place) {
    const next = rows[Math.max(0, Math.min(place, rows.length - 1))];
    if (next === void 0) return;
    for (const row of rows) row.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    nameOf(next)?.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function isTyping(target) {
    return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
  }
  function move(event) {
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
})();
