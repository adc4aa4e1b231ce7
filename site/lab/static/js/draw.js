// Part 1: a drawing, what the source takes it for, and the training image that is most alike.

import { latest } from "./engine.js";
import { bars, paint, percent } from "./picture.js";

const get = (id) => document.getElementById(id);

export function setUpDraw({ engine, store, manifest, makePad, trouble }) {
  const turns = { known: 0, unknown: 0 }; // which image by another hand comes next
  let asked = ""; // the source and the image that were asked about last

  const ask = latest(async (source, image) => {
    show(image, await engine.ask("answer", { source, image }));
  }, trouble);

  const look = latest(async (strokes, drawing) => {
    const { source } = store.state;
    const { image, words } = await engine.ask("rasterise", { drawing: strokes });
    if (image) show(image, await engine.ask("answer", { source, image }));
    else if (!drawing) clear(words);
    if (drawing) return; // kept when the line is finished
    asked = source + image;
    store.set({ digit: image, strokes });
  }, trouble);

  const pad = makePad(get("draw-pad"), {
    label: "Drawing pad: draw a digit",
    onStrokes: (strokes, { drawing }) => look(strokes, drawing),
  });
  pad.set(store.state.strokes);

  async function take(kind, digits) {
    const turn = turns[kind]++;
    const digit = digits[turn % digits.length];
    const [[image]] = await engine.ask("bundled", {
      digits: [digit],
      first: Math.floor(turn / digits.length) % 30,
      count: 1,
    });
    pad.set([]);
    store.set({ digit: image, strokes: [] });
  }
  get("draw-known").onclick = () => take("known", known(store.state.source)).catch(trouble);
  get("draw-unknown").onclick = () => take("unknown", unknown(store.state.source)).catch(trouble);

  store.listen(() => {
    const { source, digit } = store.state;
    if (digit && asked !== source + digit) ask(source, digit);
    asked = source + digit;
  });

  // Until Python is there: the visitor's last drawing, or an example with its answer, from when the page was built.
  if (store.state.digit) {
    asked = store.state.source + store.state.digit;
    ask(store.state.source, store.state.digit);
  } else {
    const { image, answer } = manifest.example;
    show(image, answer);
    get("draw-words").textContent = `An example: ${get("draw-words").textContent}`;
  }
}

export const known = (source) => [...source].map(Number);
export const unknown = (source) => [...Array(10).keys()].filter((digit) => !source.includes(digit));

function show(image, { digits, beliefs, alike }) {
  const most = beliefs.indexOf(Math.max(...beliefs));
  bars(get("draw-bars"), digits, beliefs);
  get("draw-words").textContent = `It takes this for a ${digits[most]}, with a belief of ${percent(beliefs[most])}.`;
  paint(get("draw-seen"), image, "The drawing as the network sees it");
  paint(get("draw-alike"), alike.image, `A ${alike.digit} from the training images`);
  get("draw-alike-words").textContent =
    `of ${alike.of} training images the most alike in its features: a ${alike.digit} ` +
    `(cosine ${alike.cosine.toFixed(2)})`;
}

function clear(words) {
  bars(get("draw-bars"), [], []);
  get("draw-words").textContent = words;
  paint(get("draw-seen"), null, "Nothing drawn yet");
  paint(get("draw-alike"), null, "No image yet");
  get("draw-alike-words").textContent = "the training image most alike in its features";
}
