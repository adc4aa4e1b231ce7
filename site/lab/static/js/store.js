// What the visitor has drawn and set: kept by the browser, so that it survives a reload, and with steps to undo.

import { checked, isImage } from "./classfile.js";

const KEY = "transfer-learning-laboratory, version 1";
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

  /** `failed(words)` is told, once, if the browser keeps nothing. */
  constructor(failed = () => {}) {
    this.#failed = failed;
    this.#state = read();
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
    this.#state = state;
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
    } catch {
      this.#failed(
        "This browser keeps nothing for this page (a private window, or full storage): save your drawings to a file.",
      );
      this.#failed = () => {};
    }
    for (const listener of this.#listeners) listener();
  }
}

/** A symbol without drawings; those to learn from and the later ones are images, in base64. */
export function newSymbol(name) {
  return { name, learn: [], later: [] };
}

/** What was kept; what is damaged, or from another version of this page, is as if it had not been kept. */
function read() {
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    kept = {};
  }
  return Object.fromEntries(Object.entries(EMPTY).map(([name, value]) => [name, fits(name, kept[name]) ? kept[name] : value]));
}

function fits(name, value) {
  if (value === undefined) return false;
  switch (name) {
    case "source":
      return typeof value === "string"; // which ones there are, the page learns later
    case "strokes":
    case "draft":
      return Array.isArray(value) && value.every((stroke) => Array.isArray(stroke) && stroke.every(isPoint));
    case "digit":
      return value === null || isImage(value);
    case "symbols":
      return areSymbols(value);
    case "taught":
      return value === null || ["steps", "seeds", "until"].every((part) => Number.isInteger(value[part]));
    case "forgot":
      return value === null || Number.isInteger(value.until);
    default: // settings
      return [...document.getElementById(name).options].some((option) => option.value === value);
  }
}

const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);

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
