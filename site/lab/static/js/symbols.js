// Part 2, the drawings: the visitor's symbols in rows, each with drawings to learn from and later ones.

import { ClassFileError, LIMITS, pool, read, write } from "./classfile.js";
import { latest } from "./engine.js";
import { unknown } from "./draw.js";
import { element, picture } from "./picture.js";
import { newSymbol } from "./store.js";

const get = (id) => document.getElementById(id);
const USES = { learn: "to learn from", later: "to try on" };

/** `drawn(image)` is told of each new drawing on the pad, null if there is none. */
export function setUpSymbols({ engine, store, makePad, trouble, drawn }) {
  let chosen = 0,
    image = null,
    shown = null; // the row that is drawn, the drawing on the pad, the symbols as shown
  const say = (words) => (get("class-words").textContent = words);
  const use = () => document.querySelector("input[name=use]:checked").value;
  const change = (index, part) =>
    store.setSymbols(store.state.symbols.map((symbol, place) => (place === index ? { ...symbol, ...part } : symbol)));

  const look = latest(async (strokes, drawing) => {
    const { image: seen } = await engine.ask("rasterise", { drawing: strokes });
    drawn(seen);
    if (drawing) return; // can be kept when the line is finished
    image = seen;
    store.set({ draft: strokes });
  }, trouble);
  const pad = makePad(get("teach-pad"), {
    label: "Drawing pad: draw a symbol",
    onStrokes: (strokes, { drawing }) => {
      image = null; // what was seen of it before is not all of it
      get("teach-keep").disabled = true;
      look(strokes, drawing);
    },
  });

  function keep() {
    const symbol = store.state.symbols[chosen],
      kind = use();
    change(chosen, { [kind]: [...symbol[kind], image] });
    const count = symbol[kind].length + 1;
    say(`${symbol.name}: ${count} ${count === 1 ? "drawing" : "drawings"} ${USES[kind]}.`);
    pad.set([]);
    image = null;
    store.set({ draft: [] });
    pad.element.querySelector("canvas").focus({ preventScroll: true });
  }

  function add() {
    const { symbols } = store.state,
      names = symbols.map(({ name }) => name);
    const name = [..."ABCDEFGHIJ"].find((letter) => !names.includes(letter));
    chosen = symbols.length;
    store.setSymbols([...symbols, newSymbol(name)]);
    get(`symbol-${chosen}-name`).select();
  }

  function rename(index, field) {
    const { symbols } = store.state,
      name = field.value.trim();
    const taken = symbols.some((symbol, place) => place !== index && symbol.name === name);
    if (name && !taken) return change(index, { name });
    say(taken ? `There is a symbol called “${name}” already.` : "A symbol needs a name.");
    field.value = symbols[index].name;
  }

  function show() {
    const { symbols } = store.state,
      focused = document.activeElement?.id;
    chosen = Math.max(0, Math.min(chosen, symbols.length - 1));
    if (shown !== symbols) get("symbols").replaceChildren(...symbols.map(row));
    shown = symbols;
    [...get("symbols").children].forEach((made, index) => {
      made.classList.toggle("chosen", index === chosen);
      get(`symbol-${index}`).checked = index === chosen;
    });
    if (focused && document.activeElement === document.body)
      (get(focused) ?? get(focused.replace(/-\d+$/, "-0")) ?? get(`symbol-${chosen}`))?.focus();
    const full = symbols[chosen] && symbols[chosen][use()].length >= LIMITS[use()];
    get("teach-keep").disabled = !image || full;
    get("teach-keep").textContent = !symbols[chosen]
      ? "Keep it"
      : full
        ? `“${symbols[chosen].name}” has enough drawings ${USES[use()]}`
        : `Keep it as “${symbols[chosen].name}”`;
    get("symbol-add").disabled = symbols.length >= LIMITS.symbols;
    get("class-undo").disabled = !store.canUndo;
  }

  function row(symbol, index) {
    const id = `symbol-${index}`;
    const radio = element("input", { type: "radio", name: "symbol", id, "aria-label": `Draw ${symbol.name}` });
    radio.onchange = () => {
      chosen = index;
      show();
    };
    const field = element("input", {
      type: "text",
      id: `${id}-name`,
      maxlength: LIMITS.name,
      value: symbol.name,
      "aria-label": "Name of this symbol",
    });
    field.onchange = () => rename(index, field);
    const remove = element(
      "button",
      { type: "button", id: `${id}-remove`, class: "quiet", "aria-label": `Remove ${symbol.name}` },
      "✕",
    );
    remove.onclick = () => {
      store.setSymbols(store.state.symbols.filter((_, place) => place !== index));
      say(`${symbol.name} removed; Undo brings it back.`);
    };
    return element(
      "div",
      { class: "symbol" },
      element("div", { class: "row" }, radio, field, remove),
      ...Object.keys(USES).map((kind) => strip(symbol, index, kind)),
    );
  }

  function strip(symbol, index, kind) {
    const images = symbol[kind].map((one, place) => {
      const words = `Remove drawing ${place + 1} of ${symbol.name} ${USES[kind]}`;
      const button = element(
        "button",
        { type: "button", class: "thumb", id: `symbol-${index}-${kind}-${place}`, "aria-label": words, title: words },
        picture(one),
      );
      button.onclick = () => {
        change(index, { [kind]: symbol[kind].filter((_, other) => other !== place) });
        say("One drawing removed; Undo brings it back.");
      };
      return button;
    });
    const count = kind === "learn" ? `to learn: ${images.length} of ${LIMITS.learn}` : `to try on: ${images.length}`;
    return element(
      "div",
      { class: "strip" },
      element("span", { class: "small" }, count),
      element("span", { class: "thumbs" }, ...images),
    );
  }

  async function open(files) {
    const words = [];
    for (const file of files) {
      try {
        const { symbols, words: happened } = pool(
          store.state.symbols.filter(({ learn, later }) => learn.length + later.length),
          await read(file),
        );
        store.setSymbols(symbols);
        words.push(happened);
      } catch (error) {
        if (!(error instanceof ClassFileError)) throw error;
        words.push(error.message);
      }
    }
    say(words.join(" "));
  }

  /** Take drawings by other hands: the first five of each symbol to learn from, the others to try on. */
  function take(groups) {
    store.setSymbols(
      Object.entries(groups).map(([name, images]) => ({ name, learn: images.slice(0, 5), later: images.slice(5) })),
    );
    say("Taken; Undo brings yours back. Now press Teach.");
  }

  get("teach-keep").onclick = keep;
  get("symbol-add").onclick = add;
  get("class-undo").onclick = () => store.undo();
  get("class-clear").onclick = () => {
    store.setSymbols([newSymbol("A"), newSymbol("B")]);
    say("Cleared; Undo brings them back.");
  };
  for (const radio of document.querySelectorAll("input[name=use]")) radio.onchange = show;
  get("class-import").onchange = async ({ target }) => {
    await open([...target.files]).catch(trouble);
    target.value = ""; // the same file can be opened again
  };
  get("class-export").onclick = () => {
    const address = URL.createObjectURL(write(store.state.symbols));
    element("a", { href: address, download: "drawings.json" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    say("Saved as drawings.json, to wherever this browser puts downloads.");
  };
  get("bundle-digits").onclick = async () => {
    const digits = unknown(store.state.source);
    const groups = await engine.ask("bundled", { digits, first: 0, count: 25 }).catch(trouble);
    if (groups) take(Object.fromEntries(digits.map((digit, place) => [digit, groups[place]])));
  };
  get("bundle-symbols").onclick = async () => {
    const groups = await engine.ask("bundled_symbols").catch(trouble);
    if (groups) take(groups);
  };
  store.listen(show);
  show();
  pad.set(store.state.draft);
  if (store.state.draft.length) look(store.state.draft, false);
}
