/* Files of any size: chosen, they go at once, sealed before they leave, while the person still writes.
   Without this script a file goes with its form, as it always did. Nothing is kept in the browser's storage. */

import { Desk } from "./choosing/desk";
import { FormFiles } from "./choosing/form";
import { Unfinished } from "./choosing/unfinished";
import { Words } from "./choosing/words";

function start(template: HTMLTemplateElement): void {
  const desk = new Desk(new Words(template));
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-upload-target]")) new FormFiles(form, desk);
  for (const item of document.querySelectorAll<HTMLElement>("[data-unfinished]")) new Unfinished(item, desk);
}

const template = document.querySelector<HTMLTemplateElement>("template[data-upload-words]");
const canSeal = window.isSecureContext && "Worker" in window && "subtle" in crypto;
if (template !== null && canSeal) start(template);
