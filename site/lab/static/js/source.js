// The source: a network with a name, or that of any five digits, which the worker fetches when it is first asked about.

import { element } from "./picture.js";

const get = (id) => document.getElementById(id);

export function setUpSource(store, { named, places }) {
  const select = get("source"),
    boxes = [...Array(10).keys()].map((digit) => element("input", { type: "checkbox", value: digit }));
  let choosing = false, // the boxes are shown for a source with a name, too, once they were asked for
    ticked = ""; // the source that they showed last: what is chosen by halves stays until there is another

  select.append(
    ...named.map(([digits, words]) => element("option", { value: digits }, words)),
    element("option", { value: "" }, "five digits of your choice"),
  );
  get("source-digits").append(...boxes.map((box) => element("label", {}, box, box.value)));
  const picked = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);

  function show() {
    const { source } = store.state,
      hasName = named.some(([digits]) => digits === source);
    select.value = choosing || !hasName ? "" : source;
    get("source-own").hidden = select.value !== "";
    if (ticked !== source) for (const box of boxes) box.checked = source.includes(box.value);
    ticked = source;
    count();
    get("source-place").textContent = places[source];
  }

  function count() {
    const left = 5 - picked().length;
    for (const box of boxes) box.disabled = !left && !box.checked;
    get("source-words").textContent = left
      ? `${left} more to choose; until then it has learned ${[...store.state.source].join(" ")}.`
      : "Untick one to choose another.";
  }

  select.onchange = () => {
    choosing = select.value === "";
    ticked = "";
    if (choosing) show();
    else store.set({ source: select.value });
  };
  get("source-digits").onchange = () => {
    choosing = true;
    count();
    if (picked().length === 5) store.set({ source: picked().join("") });
  };
  if (!Object.hasOwn(places, store.state.source)) store.set({ source: named[0][0] });
  store.listen(show);
  show();
}
