// Part 2, the drawings: the visitor's symbols, each with drawings to learn from and later ones; and files of them.

import { ClassFileError, LIMITS, isName, pool, read, write } from "./classfile.js";
import { latest } from "./engine.js";
import { unknown } from "./draw.js";
import { element, many } from "./picture.js";
import { USES, makeRow, nameRow } from "./rows.js";
import { newSymbol } from "./store.js";

const get = (id) => document.getElementById(id);

/** `drawn(image)` is told of each new drawing on the pad, null if there is none. */
export function setUpSymbols({ engine, store, makePad, trouble, drawn }) {
  let chosen = 0, // the row that is drawn
    image = null, // the drawing on the pad, once it is finished
    { draft } = store.state, // its strokes
    shown = []; // the symbols as they are on the page
  const say = (words) => (get("class-words").textContent = words);
  const use = () => document.querySelector("input[name=use]:checked").value;
  const change = (index, part) =>
    store.setSymbols(store.state.symbols.map((symbol, place) => (place === index ? { ...symbol, ...part } : symbol)));

  const look = latest(async (strokes, isBeingDrawn) => {
    const { image: seen, words } = await engine.ask("rasterise", { drawing: strokes });
    drawn(seen);
    if (isBeingDrawn || strokes !== draft) return; // can be kept when the line is finished
    image = seen;
    if (!image && strokes.length) say(words);
    show();
  }, trouble);
  const pad = makePad(get("teach-pad"), {
    label: "Drawing pad: draw a symbol",
    onStrokes: (strokes, { drawing }) => {
      image = null; // what was seen of it before is not all of it
      get("teach-keep").disabled = true;
      if (!drawing) store.set({ draft: (draft = strokes) });
      if (!engine.isReady) say("The drawing can be kept as soon as Python is here.");
      look(strokes, drawing);
    },
  });

  function keep() {
    const symbol = store.state.symbols[chosen],
      kind = use();
    change(chosen, { [kind]: [...symbol[kind], image] });
    say(`${symbol.name}: ${many(symbol[kind].length + 1, "drawing")} ${USES[kind]}.`);
    pad.set([]);
    image = null;
    store.set({ draft: (draft = []) });
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

  const act = {
    choose(index) {
      chosen = index;
      show();
    },
    rename(index, field) {
      const { symbols } = store.state,
        name = field.value.trim();
      if (name === symbols[index].name) return;
      const isTaken = symbols.some((symbol) => symbol.name === name);
      if (!isTaken && isName(name)) return change(index, { name });
      say(
        isTaken ? `There is a symbol called “${name}” already.` : `A name has 1 to ${LIMITS.name} characters to be seen.`,
      );
      field.value = symbols[index].name;
    },
    remove(index) {
      const { symbols } = store.state;
      if (index < chosen) chosen -= 1;
      store.setSymbols(symbols.filter((_, place) => place !== index));
      say(`${symbols[index].name} removed; Undo brings it back.`);
    },
    removeDrawing(index, kind, place) {
      change(index, { [kind]: store.state.symbols[index][kind].filter((_, other) => other !== place) });
      say("One drawing removed; Undo brings it back.");
    },
  };

  function show() {
    const { symbols } = store.state,
      rows = get("symbols"),
      focused = document.activeElement?.id;
    chosen = Math.min(chosen, symbols.length - 1);
    symbols.forEach((symbol, index) => {
      const row = rows.children[index],
        was = shown[index];
      // A row whose drawings are the same stays: a click on it, or a word in it, may be under way.
      if (row && was.learn === symbol.learn && was.later === symbol.later) nameRow(row, symbol.name);
      else if (row) row.replaceWith(makeRow(symbol, index, act));
      else rows.append(makeRow(symbol, index, act));
    });
    while (rows.children.length > symbols.length) rows.lastChild.remove();
    shown = symbols;
    [...rows.children].forEach((row, index) => {
      row.classList.toggle("chosen", index === chosen);
      get(`symbol-${index}`).checked = index === chosen;
      get(`symbol-${index}-remove`).disabled = symbols.length === 1;
    });
    if (focused && document.activeElement === document.body)
      (get(focused) ?? get(focused.replace(/-\d+$/, "-0")) ?? get(`symbol-${chosen}`))?.focus();
    const isFull = symbols[chosen][use()].length >= LIMITS[use()];
    get("teach-keep").disabled = !image || isFull;
    get("teach-keep").textContent = isFull
      ? `“${symbols[chosen].name}” has enough drawings ${USES[use()]}`
      : `Keep it as “${symbols[chosen].name}”`;
    get("symbol-add").disabled = symbols.length >= LIMITS.symbols;
    get("class-undo").disabled = !store.canUndo;
    get("class-export").disabled = !symbols.some(hasDrawings);
  }

  async function open(files) {
    const whole = [],
      words = [];
    for (const file of files) {
      try {
        whole.push(await read(file));
      } catch (error) {
        if (!(error instanceof ClassFileError)) throw error;
        words.push(error.message);
      }
    }
    const more = words.splice(3).length;
    if (more) words.push(`And so with ${many(more, "other file")}.`);
    if (whole.length) {
      const { symbols, added, words: happened } = pool(store.state.symbols.filter(isOwn), whole);
      if (added) store.setSymbols(symbols);
      words.unshift(happened);
    }
    say(words.join(" "));
  }

  /** Take drawings by other hands: the first of each symbol to learn from, those from the sixth on to try on. */
  function take(groups) {
    const count = Number(get("bundle-count").value);
    store.setSymbols(
      Object.entries(groups).map(([name, images]) => ({ name, learn: images.slice(0, count), later: images.slice(5) })),
    );
    say("Taken; Undo brings yours back. Now press Teach.");
  }

  get("teach-keep").onclick = keep;
  get("symbol-add").onclick = add;
  get("class-undo").onclick = () => {
    store.undo();
    if (!store.canUndo) get("class-clear").focus();
  };
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
    const address = URL.createObjectURL(write(store.state.symbols.filter(hasDrawings)));
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
  store.listen(() => {
    if (store.state.draft !== draft) pad.set((draft = store.state.draft)); // drawn in another tab
    show();
  });
  show();
  pad.set(draft);
  if (draft.length) look(draft, false);
}

const hasDrawings = ({ learn, later }) => learn.length + later.length > 0;
// An empty symbol that still has the name this page gave it makes room for those of a file.
const isOwn = (symbol) => hasDrawings(symbol) || !/^[A-J]$/.test(symbol.name);
