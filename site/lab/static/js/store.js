// What the visitor has drawn and set: kept by the browser, so that it survives a reload, and with steps to undo.

import { checked, isImage } from "./classfile.js";

const KEY = "transfer-learning-laboratory, version 1";
const SYMBOLS = `${KEY}, symbols`; // by themselves: the drawings of a class are much to write, and change seldom
const STEPS = 50; // how many changes can be undone
const EMPTY = {
  source: "13579",
  strokes: [], // of the pad in part 1
  digit: null, // their image, or one by another hand
  draft: [], // strokes on the pad of part 2
  symbols: [newSymbol("A"), newSymbol("B")],
  upto: "hidden1",
  steps: "300",
  seeds: "1",
  taught: null, // the last lesson: what it was, and how far it came
  "forget-what": "digits",
  rate: "0.003",
  forgot: null, // the last fine-tuning of part 3, likewise
};

export class Store {
  #past = [];
  #state;
  #listeners = [];
  #failed;

  /** `failed(words)` is told, once, if the browser keeps nothing or what it kept is damaged. */
  constructor(failed = () => {}) {
    this.#failed = failed;
    const { state, isDamaged } = read();
    this.#state = state;
    if (isDamaged) failed("Some of what this browser had kept for this page was damaged, and is left out.");
    addEventListener("storage", ({ key }) => {
      if (key !== KEY && key !== SYMBOLS) return; // another tab has changed something: go on from there
      const before = this.#state;
      this.#state = read().state;
      if (key === KEY) this.#state.symbols = before.symbols;
      else this.#past.push(before.symbols);
      this.#tell();
    });
  }

  get state() {
    return this.#state;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  /** Call `listener` after each change of the drawings and settings. */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** Change settings, which is not a step to undo. */
  set(change) {
    this.#replace({ ...this.#state, ...change });
  }

  /** Change the symbols and their drawings; `undo` takes it back. */
  setSymbols(symbols) {
    this.#past = [...this.#past.slice(1 - STEPS), this.#state.symbols];
    this.#replace({ ...this.#state, symbols });
  }

  undo() {
    if (this.canUndo) this.#replace({ ...this.#state, symbols: this.#past.pop() });
  }

  #replace(state) {
    const { symbols, ...rest } = state,
      before = this.#state.symbols;
    this.#state = state;
    try {
      if (symbols !== before) localStorage.setItem(SYMBOLS, JSON.stringify(symbols));
      localStorage.setItem(KEY, JSON.stringify(rest));
    } catch {
      this.#failed(
        "This browser keeps nothing for this page (a private window, or full storage): save your drawings to a file.",
      );
      this.#failed = () => {};
    }
    this.#tell();
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

/** A symbol without drawings; those to learn from and the later ones are images, in base64. */
export function newSymbol(name) {
  return { name, learn: [], later: [] };
}

/** What was kept. Parts that are damaged, or from another version of this page, are as if they had not been kept. */
function read() {
  let isDamaged = false;
  const parsed = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? undefined;
    } catch (error) {
      isDamaged ||= error instanceof SyntaxError; // else there is no storage
    }
  };
  const kept = { ...parsed(KEY), symbols: parsed(SYMBOLS) };
  const state = { ...EMPTY };
  for (const name of Object.keys(EMPTY).filter((name) => kept[name] !== undefined)) {
    if (fits(name, kept[name])) state[name] = kept[name];
    else isDamaged = true;
  }
  return { state, isDamaged };
}

function fits(name, value) {
  switch (name) {
    case "source":
      return typeof value === "string"; // which ones there are, the page learns later
    case "strokes":
    case "draft":
      return Array.isArray(value) && value.every(isStroke);
    case "digit":
      return value === null || isImage(value);
    case "symbols":
      return areSymbols(value);
    case "taught":
      return (
        value === null ||
        (isOption("steps", value.steps) && isOption("seeds", value.seeds) && isStep(value.until, value.steps))
      );
    case "forgot":
      return value === null || isStep(value.until, 300);
    default:
      return isOption(name, value);
  }
}

const isStep = (value, most) => Number.isInteger(value) && value >= 0 && value <= most;
const isOption = (name, value) =>
  [...document.getElementById(name).options].some((option) => option.value === String(value));
const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
const isStroke = (stroke) => Array.isArray(stroke) && stroke.length > 0 && stroke.every(isPoint);

function areSymbols(value) {
  try {
    checked(value, (why) => {
      throw new Error(why);
    });
    return true;
  } catch {
    return false;
  }
}
