// Part 1: a drawing, what the source takes it for, and the training image that is most alike.

import { latest } from "./engine.js";
import { a, bars, paint, percent } from "./picture.js";

const get = (id) => document.getElementById(id);

export function setUpDraw({ engine, store, manifest, makePad, trouble }) {
  const turns = { known: 0, unknown: 0 }; // which image by another hand comes next
  let asked = "", // the source and the image that were asked about last
    taken = 0, // how many images by other hands have taken a drawing's place
    { strokes } = store.state,
    isExample = !store.state.digit && !strokes.length; // until the visitor draws: an image that the page brings along

  const failed = (error) => {
    asked = "";
    clear("No answer to this yet.");
    trouble(error);
  };
  const ask = latest(async (source, image) => {
    show(image, await engine.ask("answer", { source, image }), isExample);
  }, failed);

  const look = latest(async (drawing, isBeingDrawn, turn) => {
    const { source } = store.state;
    const { image, words, answer } = await engine.ask("read", { source, drawing });
    if (turn !== taken) return;
    if (image) show(image, answer);
    else if (!isBeingDrawn) clear(words);
    if (isBeingDrawn) return; // kept when the line is finished
    asked = source + image;
    store.set({ digit: image });
  }, failed);

  const pad = makePad(get("draw-pad"), {
    label: "Drawing pad: draw a digit",
    onStrokes: (now, { drawing }) => {
      isExample = false;
      if (!drawing) store.set({ strokes: (strokes = now), digit: null });
      if (!engine.isReady) clear("Kept. Python will answer as soon as it is here.");
      look(now, drawing, taken);
    },
  });
  pad.set(strokes);

  async function take(kind, digits) {
    const turn = turns[kind]++;
    const digit = digits[turn % digits.length];
    taken += 1;
    const [[image]] = await engine.ask("bundled", {
      digits: [digit],
      first: Math.floor(turn / digits.length) % 30,
      count: 1,
    });
    isExample = false;
    pad.set([]);
    store.set({ digit: image, strokes: (strokes = []) });
  }
  get("draw-known").onclick = () => take("known", known(store.state.source)).catch(trouble);
  get("draw-unknown").onclick = () => take("unknown", unknown(store.state.source)).catch(trouble);

  /** Ask about what is there, if that is news. */
  function update() {
    const { source, digit } = store.state;
    if (store.state.strokes !== strokes) pad.set((strokes = store.state.strokes)); // drawn in another tab
    const image = digit ?? (isExample ? manifest.example.image : null);
    if (!image || asked === source + image) return;
    asked = source + image;
    ask(source, image);
  }
  store.listen(update);

  // Until Python is there: an example with its answer, from when the page was built.
  if (isExample && store.state.source === manifest.named[0][0]) {
    const { image, answer } = manifest.example;
    asked = store.state.source + image;
    show(image, answer, true);
  } else if (strokes.length && !store.state.digit) look(strokes, false, taken);
  else update();
}

export const known = (source) => [...source].map(Number);
export const unknown = (source) => [...Array(10).keys()].filter((digit) => !source.includes(digit));

function show(image, { digits, beliefs, alike }, isExample = false) {
  const most = beliefs.indexOf(Math.max(...beliefs));
  bars(get("draw-bars"), digits, beliefs);
  get("draw-words").textContent =
    `${isExample ? "An example: it" : "It"} takes this for ${a(digits[most])}, with a belief of ${percent(beliefs[most])}.`;
  paint(get("draw-seen"), image, "The drawing as the network sees it");
  paint(get("draw-alike"), alike.image, `${a(alike.digit, "A")} from the training images`);
  get("draw-alike-words").textContent =
    `of ${alike.of} training images the most alike in its features: ${a(alike.digit)} ` +
    `(cosine ${alike.cosine.toFixed(2)})`;
}

function clear(words) {
  bars(get("draw-bars"), [], []);
  get("draw-words").textContent = words;
  paint(get("draw-seen"), null, "Nothing drawn yet");
  paint(get("draw-alike"), null, "No image yet");
  get("draw-alike-words").textContent = "the training image most alike in its features";
}
