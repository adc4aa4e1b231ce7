// A row for each symbol of part 2: its name, its drawings to learn from, and the later ones.

import { element, picture } from "./picture.js";
import { LIMITS } from "./classfile.js";

export const USES = { learn: "to learn from", later: "to try on" };

/**
 * The row of a symbol. `act` is told what the visitor does: choose(index), rename(index, field), remove(index) and
 * removeDrawing(index, use, place).
 */
export function makeRow(symbol, index, act) {
  const id = `symbol-${index}`;
  const radio = element("input", { type: "radio", name: "symbol", id });
  const field = element("input", { type: "text", id: `${id}-name`, "aria-label": "Name of this symbol" });
  const remove = element("button", { type: "button", id: `${id}-remove`, class: "quiet" }, "✕");
  radio.onchange = field.onfocus = () => act.choose(index);
  field.onchange = () => act.rename(index, field);
  remove.onclick = once(() => act.remove(index));
  const row = element(
    "div",
    { class: "symbol", role: "group" },
    element("div", { class: "row" }, radio, field, remove),
    ...Object.keys(USES).map((use) => strip(symbol[use], index, use, act)),
  );
  row.onclick = ({ target }) => target.closest("button, input") ?? act.choose(index);
  nameRow(row, symbol.name);
  return row;
}

/** Call a row by its symbol's name. */
export function nameRow(row, name) {
  const [radio, field] = row.querySelectorAll("input");
  row.setAttribute("aria-label", name);
  radio.setAttribute("aria-label", `Draw ${name}`);
  if (field.value !== name) field.value = name;
  row.querySelector("button.quiet").setAttribute("aria-label", `Remove ${name}`);
}

/** The drawings of one use; the arrow keys go from one to the next. */
function strip(images, index, use, act) {
  const buttons = images.map((image, place) => {
    const words = `Remove drawing ${place + 1} ${USES[use]}`;
    const attributes = { type: "button", class: "thumb", id: `symbol-${index}-${use}-${place}`, title: words };
    const button = element("button", { ...attributes, "aria-label": words, tabindex: place ? -1 : 0 }, picture(image));
    button.onclick = once(() => act.removeDrawing(index, use, place));
    return button;
  });
  const thumbs = element("span", { class: "thumbs" }, ...buttons);
  thumbs.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  };
  const count = use === "learn" ? `to learn: ${images.length} of ${LIMITS.learn}` : `to try on: ${images.length}`;
  return element("div", { class: "strip" }, element("span", { class: "small" }, count), thumbs);
}

/** For what removes something: the second click of a double click would hit what has moved to its place. */
function once(work) {
  return (event) => event.detail > 1 || work();
}
