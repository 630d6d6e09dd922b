"use strict";
(() => {
  // common/selecting.ts
  function onceSelectedIn(text2, done) {
    let began = false;
    text2.addEventListener("pointerdown", () => began = true);
    document.addEventListener("pointerup", () => {
      if (began) setTimeout(done);
      began = false;
    });
  }

  // quote.ts
  var text = document.querySelector("[data-quotable]");
  var field = document.querySelector("textarea[name=words]");
  function takeWords() {
    const chosen = getSelection()?.toString().trim() ?? "";
    if (field && chosen) field.value = chosen;
  }
  if (text) onceSelectedIn(text, takeWords);
})();
