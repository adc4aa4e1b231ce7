// What stands in a notebook around the pad and the sliders. It comes after pad.js, in one module for anywidget (see
// widgets.py). The arithmetic is all Python's: `told` is what the reader does, `shown` is Python's answer to it.

const LOOK = `
.hand { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; padding: 6px 2px; --pad-size: 260px;
  color: var(--jp-content-font-color1, inherit); font-family: var(--jp-content-font-family, sans-serif); }
.hand-pad { flex: 0 0 var(--pad-size); max-width: 100%; }
.hand-side { flex: 1 1 280px; min-width: 0; }
.hand-words { min-height: 2.6em; margin: 0 0 8px; }
.hand-bars { border-collapse: collapse; width: 100%; max-width: 420px; font-variant-numeric: tabular-nums; }
.hand-bars th { text-align: right; padding: 2px 10px 2px 0; }
.hand-bars td:nth-child(2) { width: 100%; }
.hand-bars span { display: block; height: 16px; background: #0072B2; border-radius: 2px; transition: width 0.12s; }
.hand-bars td:last-child { text-align: right; padding-left: 10px; white-space: nowrap; }
.hand-seen { display: flex; align-items: center; gap: 10px; margin: 12px 0 0; font-size: 0.85em; }
.hand-seen canvas { width: 84px; image-rendering: pixelated; border: 1px solid #888; }
.hand img { max-width: 100%; display: block; background: #fff; }
.hand label { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; margin: 8px 0; }
.hand label > span { min-width: 9em; }
.hand input[type=range] { flex: 1 1 160px; max-width: 360px; accent-color: #0072B2; }
.hand input[type=text] { flex: 1; min-width: 8em; }
.hand button, .hand input[type=text] { font: inherit; min-height: 32px; padding: 2px 12px; }
.hand-rows { list-style: none; margin: 10px 0; padding: 0; }
.hand-rows li { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; margin: 4px 0; }
.hand-rows svg { width: 40px; height: 40px; background: #fff; border: 1px solid #888; border-radius: 3px; }
.hand :focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
@media (prefers-reduced-motion: reduce) { .hand-bars span { transition: none; } }`;

const SVG = "http://www.w3.org/2000/svg";

function make(kind, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(kind), properties);
  element.append(...inside);
  return element;
}

const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// A small picture of a drawing.
function miniature(drawing, words) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-0.06 -0.06 1.12 1.12");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", words);
  for (const stroke of drawing) {
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", stroke.map((point) => point.join(",")).join(" "));
    line.setAttribute("style", "fill: none; stroke: #111; stroke-width: 0.08; stroke-linecap: round");
    svg.append(line);
  }
  return svg;
}

// One pad, a bar for each class, and the image that the network gets.
function draw(model, place, side) {
  const padPlace = make("div", { className: "hand-pad" });
  place.prepend(padPlace);
  const tell = (strokes) => {
    model.set("told", { strokes });
    model.save_changes(); // while Python works, only the newest of what follows is kept
  };
  const pad = makePad(padPlace, { label: model.get("setup").label, onStrokes: tell });
  const bars = make("table", { className: "hand-bars" });
  const seen = make("canvas");
  seen.setAttribute("role", "img");
  seen.setAttribute("aria-label", "The drawing as an image of 28 by 28 pixels");
  side.append(bars, make("div", { className: "hand-seen" }, seen, "what the network gets: 28 × 28 pixels, scaled and centred"));
  pad.set(model.get("told").strokes);
  return ({ bars: rows, seen: image }) => {
    paint(seen, bytes(image));
    bars.replaceChildren(
      ...rows.map(([name, share]) => {
        const bar = make("span");
        bar.style.width = `${100 * share}%`;
        const name_ = make("th", { scope: "row", textContent: name });
        return make("tr", {}, name_, make("td", {}, bar), make("td", { textContent: `${(100 * share).toFixed(1)} %` }));
      }),
    );
  };
}

// A picture by Python, and a slider for each of its numbers. A slider steps through a list of values.
function slide(model, place, side) {
  const picture = make("img");
  side.prepend(picture);
  const { sliders } = model.get("setup");
  const inputs = sliders.map(({ label, texts }, number) => {
    const input = make("input", { type: "range", min: 0, max: texts.length - 1, step: 1 });
    input.value = model.get("told").places[number];
    const text = make("output");
    const say = () => {
      text.textContent = texts[input.value];
      input.setAttribute("aria-valuetext", texts[input.value]);
    };
    input.addEventListener("input", () => {
      say();
      model.set("told", { places: inputs.map((one) => Number(one.value)) });
      model.save_changes();
    });
    say();
    side.append(make("label", {}, make("span", { textContent: label }), input, text));
    return input;
  });
  return ({ png, words }) => {
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(new Blob([bytes(png)], { type: "image/png" }));
    picture.alt = words;
  };
}

// One pad, a name, and the drawings that were kept under each name.
function teach(model, place, side) {
  const padPlace = make("div", { className: "hand-pad" });
  place.prepend(padPlace);
  const pad = makePad(padPlace, { label: model.get("setup").label });
  const name = make("input", { type: "text", placeholder: "a name, such as star", maxLength: 20 });
  const keep = make("button", { type: "button", textContent: "Keep the drawing" });
  const takeBack = make("button", { type: "button", textContent: "Take back its last" });
  const rows = make("ul", { className: "hand-rows" });
  const words = place.querySelector(".hand-words");
  const ask = (what) => {
    words.textContent = "Waiting for Python, which is busy with another cell …";
    model.send({ what, name: name.value, strokes: pad.strokes });
  };
  keep.addEventListener("click", () => ask("keep"));
  takeBack.addEventListener("click", () => ask("take back"));
  name.addEventListener("keydown", (event) => event.key === "Enter" && ask("keep"));
  model.on("msg:custom", ({ kept }) => kept && pad.clear()); // what could not be kept stays on the pad
  side.append(make("label", {}, make("span", { textContent: "This is a" }), name), keep, " ", takeBack, rows);
  return ({ symbols }) => {
    rows.replaceChildren(
      ...symbols.map(([symbol, drawings]) => {
        const again = make("button", { type: "button", textContent: `${symbol}: ${drawings.length}` });
        again.setAttribute("aria-label", `${drawings.length} drawings of ${symbol}; draw another`);
        again.addEventListener("click", () => (name.value = symbol));
        return make("li", {}, again, ...drawings.map((one, place) => miniature(one, `${symbol} ${place + 1}`)));
      }),
    );
  };
}

export default {
  render({ model, el }) {
    const words = make("p", { className: "hand-words" });
    words.setAttribute("role", "status");
    const side = make("div", { className: "hand-side" }, words);
    const place = make("div", { className: "hand" }, side);
    // JupyterLab takes arrows and Enter for itself, but from an element that says this; its ancestors cannot say it.
    place.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));
    el.replaceChildren(make("style", { textContent: LOOK }), place);
    const show = { draw, slide, teach }[model.get("setup").kind](model, place, side);
    const update = () => {
      words.textContent = model.get("shown").words;
      show(model.get("shown"));
    };
    model.on("change:shown", update);
    update();
    return () => model.off("change:shown", update);
  },
};
