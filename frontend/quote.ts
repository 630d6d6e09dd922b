// Quoting a statement: words that are selected in the redacted text go into the field of exact words.

import { onceSelectedIn } from "./common/selecting";

const text = document.querySelector<HTMLElement>("[data-quotable]");
const field = document.querySelector<HTMLTextAreaElement>("textarea[name=words]");

function takeWords(): void {
  const chosen = getSelection()?.toString().trim() ?? "";
  if (field && chosen) field.value = chosen;
}

if (text) onceSelectedIn(text, takeWords);
