// Puts the page together: the engine, what is kept, the source, and the three parts.

import { setUpDraw } from "./draw.js";
import { Engine } from "./engine.js";
import { setUpForget } from "./forget.js";
import { setUpLesson } from "./lesson.js";
import { makePad } from "./pad.js";
import { setUpSource } from "./source.js";
import { Store } from "./store.js";
import { setUpSymbols } from "./symbols.js";

const get = (id) => document.getElementById(id);

function trouble(error) {
  get("trouble").textContent = error.message;
  get("trouble").dataset.question = error.question ?? "";
  get("trouble").hidden = false;
}

/** A question that could not be answered has been answered now. */
function solved(question) {
  if (get("trouble").dataset.question === question) get("trouble").hidden = true;
}

function arrived(share) {
  get("engine-progress").value = share;
  get("engine-words").textContent =
    share < 1 ? `Python is on its way: ${Math.round(100 * share)} % …` : "Python is starting …";
}

/** Selects whose value is kept under their own name. */
function setUpSettings(store, names) {
  for (const name of names) {
    const show = () => (get(name).value = store.state[name]);
    get(name).onchange = () => store.set({ [name]: get(name).value });
    store.listen(show);
    show();
  }
}

async function fetchManifest() {
  try {
    return await (await fetch("data/manifest.json")).json();
  } catch {
    throw new Error("A file of this page did not arrive. Is the server still there? Then reload the page.");
  }
}

async function main() {
  const started = performance.now();
  const engine = new Engine(arrived, solved); // starts Python; meanwhile the page is put together
  const manifest = await fetchManifest();
  const store = new Store((words) => trouble(new Error(words)));
  const parts = { engine, store, manifest, makePad, trouble };
  setUpSource(store, manifest);
  const ready = Promise.all([
    engine.ask("versions"),
    engine.ask("prepare", { source: store.state.source }).catch(trouble), // at hand, should the network go away
  ]);
  setUpSettings(store, ["upto", "steps", "seeds", "forget-what", "rate"]);
  setUpDraw(parts);
  setUpSymbols({ ...parts, drawn: setUpLesson(parts) });
  setUpForget(parts);
  document.documentElement.dataset.shell = Math.round(performance.now());

  const [{ python, numpy }] = await ready;
  const seconds = (performance.now() - started) / 1000;
  get("engine-progress").hidden = true;
  get("engine-words").textContent = `Python ${python} and NumPy ${numpy} are ready; they took ${seconds.toFixed(1)} s.`;
  for (const button of document.querySelectorAll("[data-python]")) button.disabled = false;
  document.documentElement.dataset.ready = Math.round(seconds * 1000);
}

if (!document.documentElement.dataset.missing) main().catch(trouble);
