/** Tells when somebody has selected something that began in a text, wherever they let go of the mouse. */
export function onceSelectedIn(text: HTMLElement, done: () => void): void {
  let began = false;
  text.addEventListener("pointerdown", () => (began = true));
  document.addEventListener("pointerup", () => {
    if (began) setTimeout(done); // the browser settles the selection after it has told of the pointer
    began = false;
  });
}
