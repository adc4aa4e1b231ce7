// Small helpers for what is seen: images of 28 × 28, bars, and elements.

/** Paint an image (base64 of its 784 bytes; null for none) into a canvas of 28 × 28; `words` say what it shows. */
export function paint(canvas, image, words) {
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(28, 28);
  const bytes = image ? atob(image) : "\0".repeat(28 * 28);
  for (let place = 0; place < bytes.length; place += 1) {
    pixels.data.set([255, 255, 255, bytes.charCodeAt(place)], 4 * place);
  }
  context.putImageData(pixels, 0, 0);
  if (words) canvas.setAttribute("aria-label", words);
}

/** A canvas with an image in it, for the eye alone: what it stands in has a name. */
export function picture(image) {
  const canvas = element("canvas", { class: "image", width: 28, height: 28, "aria-hidden": "true" });
  paint(canvas, image);
  return canvas;
}

/** An element with attributes and children (elements or text). */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Show one of two buttons in the place of the other; the focus goes with it. */
export function swap(one, other, isOther) {
  const [shown, gone] = isOther ? [other, one] : [one, other];
  const focused = document.activeElement === gone;
  gone.hidden = true;
  shown.hidden = false;
  if (focused) shown.focus();
}

export const percent = (share) => `${Math.round(100 * share)} %`;

/** Show beliefs as bars, a row for each name; the largest is marked. */
export function bars(place, names, beliefs) {
  if (place.children.length !== names.length || place.dataset.names !== names.join())
    place.replaceChildren(
      ...names.map((name) =>
        element(
          "div",
          { class: "bar" },
          element("span", { class: "bar-name" }, String(name)),
          element("span", { class: "bar-room" }, element("span", { class: "bar-fill" })),
          element("span", { class: "bar-value" }),
        ),
      ),
    );
  place.dataset.names = names.join();
  const most = Math.max(...beliefs);
  [...place.children].forEach((row, index) => {
    row.classList.toggle("most", beliefs[index] === most);
    row.querySelector(".bar-fill").style.transform = `scaleX(${beliefs[index]})`;
    row.querySelector(".bar-value").textContent = percent(beliefs[index]);
  });
}

/** A digit with its article: “a 3”, “an 8”. */
export const a = (digit, article = "a") => `${article}${Number(digit) === 8 ? "n" : ""} ${digit}`;

/** So many things: “1 drawing”, “2 drawings”. */
export const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
