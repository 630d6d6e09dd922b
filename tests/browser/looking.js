// What is wrong with a page as it stands before somebody's eyes: each function answers a list of faults to read.
([what, ...given]) => {
  const UNSEEN = ".hid, .skip, .sprite, option, iframe";
  const BOXES = "a, button, summary, select, h1, h2, h3, th, td, label, legend, dt, dd, caption";
  const CONTROLS = "a, button, summary, select, textarea, input:not([type=hidden])";
  const SAYING = ["aria-label", "title", "placeholder", "alt", "data-label"];
  const LETTERS = /\p{L}{2}/u;

  const style = (element) => getComputedStyle(element);
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);
  const name = (element) => [element.tagName.toLowerCase(), ...element.classList].join(".");
  const lineage = (element) => (element ? [element, ...lineage(element.parentElement)] : []);
  const isSeen = (element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    !element.closest(UNSEEN) &&
    element.getBoundingClientRect().width > 1;
  const scrolls = (element) =>
    lineage(element).some((each) => ["auto", "scroll"].includes(style(each).overflowX));
  const floats = (element) =>
    lineage(element).find((each) => ["sticky", "fixed"].includes(style(each).position));
  const isShortened = (element) => style(element).textOverflow === "ellipsis";

  const texts = () => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) found.push(walk.currentNode);
    return found;
  };

  const narrow = () =>
    [...document.querySelectorAll(BOXES)]
      .filter((box) => isSeen(box) && style(box).display !== "inline" && !scrolls(box) && !isShortened(box))
      .filter((box) => box.scrollWidth > box.clientWidth + 1)
      .map((box) => `${name(box)} is too narrow by ${box.scrollWidth - box.clientWidth}: ${short(box.textContent)}`);

  const linesOf = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()]
      .filter((box) => box.width > 2)
      .map((box) => ({ box, node, layer: floats(node.parentElement) }));
  };

  const lines = () =>
    texts()
      .filter(({ data, parentElement: e }) => data.trim() && isSeen(e) && !scrolls(e) && !isShortened(e))
      .flatMap(linesOf)
      .sort((one, other) => one.box.top - other.box.top);

  const cover = (one, other) =>
    one.node !== other.node &&
    one.layer === other.layer &&
    Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left) > 2 &&
    Math.min(one.box.bottom, other.box.bottom) - other.box.top >
      0.5 * Math.min(one.box.height, other.box.height);

  const covered = (all) =>
    all.flatMap((one, index) => {
      const under = all.slice(index + 1).filter((other) => other.box.top <= one.box.bottom && cover(one, other));
      return under.map((other) => `one over the other: ${short(one.node.data)} | ${short(other.node.data)}`);
    });

  // Words pushed off the page, out of their box or over others.
  const squeezed = () => {
    const width = document.documentElement.clientWidth;
    const sideways = document.documentElement.scrollWidth - width;
    const all = lines();
    const outside = all.filter(({ box }) => box.left < -1 || box.right > width + 1);
    const faults = [
      ...(sideways > 0 ? [`has to be pushed sideways by ${sideways}`] : []),
      ...narrow(),
      ...outside.map(({ node }) => `outside of the page: ${short(node.data)}`),
      ...covered(all),
    ];
    return [...new Set(faults)];
  };

  const standsAlone = (link) => {
    const around = link.closest("p, li, dd, td, th, h1, h2, h3, figcaption, label, span, div");
    return !around || short(around.textContent) === short(link.textContent);
  };
  const reach = (control) =>
    control.matches("[type=radio], [type=checkbox]") ? (control.closest("label") ?? control) : control;

  // Controls that a finger misses; a link within a sentence is as high as its line.
  const tooSmall = () =>
    [...document.querySelectorAll(CONTROLS)]
      .filter((each) => isSeen(each) && (!each.matches("a") || style(each).display !== "inline" || standsAlone(each)))
      .map((each) => ({ each: reach(each), box: reach(each).getBoundingClientRect() }))
      .filter(({ box }) => box.height < 43.5 || box.width < 24)
      .map(({ each, box }) => `${name(each)} is ${Math.round(box.width)} x ${Math.round(box.height)}: ${short(each.textContent)}`);

  // Words outside of every message, unless they stand in `data`, or are among `known`.
  const untranslated = (opening, closing, data, known) => {
    let depth = 0;
    const outsideOf = (words) =>
      [...words].filter((sign) => {
        depth += (sign === opening) - (sign === closing);
        return depth === 0 && sign !== closing;
      });
    const isForeign = (words) =>
      LETTERS.test(known.reduce((rest, phrase) => rest.replaceAll(phrase, ""), words));
    const faults = texts()
      .map((node) => ({ element: node.parentElement, words: outsideOf(node.data).join("") }))
      .filter(({ element, words }) => isForeign(words) && !element.closest(data) && (isSeen(element) || element.closest("option")))
      .map(({ element, words }) => `${name(element)}: ${short(words)}`);
    const said = SAYING.flatMap((attribute) =>
      [...document.querySelectorAll(`body [${attribute}]`)]
        .filter((element) => !element.closest(data) && !element.getAttribute(attribute).includes(opening))
        .filter((element) => isForeign(element.getAttribute(attribute)))
        .map((element) => `${name(element)} ${attribute}: ${short(element.getAttribute(attribute))}`),
    );
    return [...new Set([...faults, ...said, ...(depth ? [`${depth} messages do not end`] : [])])];
  };

  // Without scripts: links that lead nowhere, buttons that send nothing.
  const dead = () =>
    [...document.querySelectorAll("a, button, [role=button], [role=switch]")]
      .filter((each) => each.checkVisibility())
      .filter((each) => (each.matches("a") ? !each.hasAttribute("href") : !each.form || each.type === "button"))
      .map((each) => `${name(each)} does nothing: ${short(each.textContent)}`);

  // Where colours are forced and a button keeps its own: words as dark as their ground.
  const blank = () =>
    [...document.querySelectorAll("a, button")]
      .filter((each) => each.checkVisibility() && style(each).forcedColorAdjust === "none")
      .filter((each) => style(each).color === style(each).backgroundColor)
      .map((each) => `${name(each)} cannot be read: ${short(each.textContent)}`);

  const address = (control) =>
    [control.tagName, control.name || control.getAttribute("href") || "", control.value || short(control.textContent)].join(" ");
  const isFirstOfItsGroup = (radio, all) => {
    const group = all.filter((each) => each.type === "radio" && each.name === radio.name && each.form === radio.form);
    return radio === (group.find((each) => each.checked) ?? group[0]);
  };

  // What a keyboard should stop at, in the order of reading.
  const stops = () =>
    [...document.querySelectorAll("a[href], button, summary, select, textarea, input, iframe, [tabindex]")]
      .filter((each) => each.tabIndex >= 0 && !each.matches(":disabled") && each.type !== "hidden" && each.checkVisibility())
      .filter((each, _index, all) => each.type !== "radio" || isFirstOfItsGroup(each, all))
      .map(address);

  // Where the keyboard is, and whether that can be seen; nothing if it has left the page.
  const stop = () => {
    const at = document.activeElement;
    if (at === document.body) return [];
    const ring = at.closest(".choice, .third label") ?? at;
    const box = ring.getBoundingClientRect();
    const isShown = style(ring).outlineStyle !== "none" && parseFloat(style(ring).outlineWidth) >= 2;
    return [address(at), ...(isShown && box.bottom > 0 && box.top < innerHeight ? [] : ["unseen"])];
  };

  return { squeezed, tooSmall, untranslated, dead, blank, stops, stop }[what](...given);
};
