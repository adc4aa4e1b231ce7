// "How lucky was your experiment?": looks a split up among all 252, which the page carries, and draws where it lies.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("lucky-data").textContent);
  const [TUNED, FROZEN, KERNEL, RANDOM, OVER_RANDOM] = data.gains.keys();
  const form = document.getElementById("lucky");
  const result = document.getElementById("lucky-result");
  const count = document.getElementById("lucky-count");
  const guess = document.getElementById("lucky-guess");
  const EDGE = 20; // left and right of the axis, for half of a tick's number
  const GLOSSARY = { "kernel ridge regression": "notebooks/GLOSSARY.html" };
  const names = { 13579: "odd", "02468": "even" };
  const every = Object.values(data.splits);

  const points = (value) => {
    const shown = Math.abs(value).toFixed(1);
    return shown === "0.0" ? shown : (value < 0 ? "−" : "+") + shown; // nothing has no sign
  };
  const named = (digits) => names[digits] || digits;
  const others = (digits) => [..."0123456789"].filter((digit) => !digits.includes(digit)).join("");
  const median = (column) => {
    const sorted = every.map((split) => split[column][0]).sort((a, b) => a - b);
    return (sorted[125] + sorted[126]) / 2;
  };

  function picked() {
    return [...form.querySelectorAll("input[name=digit]:checked")].map((box) => box.value).join("");
  }

  function update() {
    const digits = picked();
    const left = 5 - digits.length;
    for (const box of form.querySelectorAll("input[name=digit]")) box.disabled = !left && !box.checked;
    form.querySelector("button").disabled = left > 0;
    count.textContent = left
      ? `${left} more to pick.`
      : `From ${named(digits)} to ${named(others(digits))}. Pick others by unticking one first.`;
    result.replaceChildren();
  }

  function element(name, text, attributes = {}, space = "http://www.w3.org/1999/xhtml") {
    const made = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }
  const drawn = (name, attributes, text = "") => element(name, text, attributes, "http://www.w3.org/2000/svg");

  // All splits as dots, stacked by their gain; marks are [value, label, class], each on a line of its own.
  function picture(column, marks, alt) {
    const width = Math.min(result.clientWidth || 320, 720);
    const gains = every.map((split) => split[column][0]);
    const values = [...gains, ...marks.map((mark) => mark[0])];
    const low = Math.min(...values) - 0.5;
    const high = Math.max(...values) + 0.5;
    const x = (value) => EDGE + ((width - 2 * EDGE) * (value - low)) / (high - low);
    const radius = Math.max(1.5, Math.min(3, width / 220));
    const stacks = new Map();
    const dots = gains.map((gain) => {
      const place = Math.round(x(gain) / (2 * radius));
      stacks.set(place, (stacks.get(place) || 0) + 1);
      return [place * 2 * radius, stacks.get(place)];
    });
    const top = 20 * marks.length + 6;
    const floor = top + 2 * radius * Math.max(...stacks.values()) + 6;
    const svg = drawn("svg", { width, height: floor + 40, role: "img", "aria-label": alt });
    for (const [at, height] of dots) svg.append(drawn("circle", { cx: at, cy: floor - radius * (2 * height - 1), r: radius }));
    svg.append(drawn("line", { x1: EDGE, x2: width - EDGE, y1: floor, y2: floor, class: "axis" }));
    const step = high - low > 12 ? 4 : 2;
    for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
      svg.append(drawn("text", { x: x(tick), y: floor + 16, "text-anchor": "middle" }, tick ? points(tick).slice(0, -2) : "0"));
    }
    svg.append(drawn("text", { x: width / 2, y: floor + 34, "text-anchor": "middle" }, "gain, points of test accuracy"));
    const y = (row) => 20 * row + 14;
    marks.forEach(([value, , kind], row) => {
      svg.append(drawn("line", { x1: x(value), x2: x(value), y1: y(row) + 3, y2: floor, class: kind }));
    });
    marks.forEach(([value, label, kind], row) => { // after all lines, which the labels cover
      const right = x(value) > width / 2;
      const place = { x: x(value) + (right ? -4 : 4), y: y(row), "text-anchor": right ? "end" : "start" };
      svg.append(drawn("text", { ...place, class: `label ${kind}` }, label));
    });
    return svg;
  }

  function show() {
    const digits = picked();
    const split = data.splits[digits];
    const [gain, rank] = split[TUNED];
    const [over, overRank] = split[OVER_RANDOM];
    const guessed = Number(guess.value);
    const beats = form.elements.beats.value === "yes";
    const way = `from ${named(digits)} to ${named(others(digits))}`;
    const said = `Fine-tuning ${way} gains ${points(gain)} points over training from scratch: rank ${rank} of ${every.length}.`;
    const middle = median(TUNED);
    const table = element("table", "");
    table.append(element("caption", `All gains ${way}`));
    table.append(row("th", "gain", "points", `rank of ${every.length}`, "median of all"));
    data.gains.forEach((name, column) => {
      table.append(row("td", name, points(split[column][0]), split[column][1], points(median(column))));
    });
    result.replaceChildren(
      element("h2", rank <= 25 ? "Lucky" : rank <= 126 ? "Luckier than most" : rank <= 227 ? "Not so lucky" : "Unlucky"),
      element("p", said, { id: "lucky-said" }),
      element("p", `You guessed ${points(guessed)}, ${Math.abs(guessed - gain).toFixed(1)} points off. The split in the middle gains` +
        ` ${points(middle)}, and ${every.filter((one) => one[TUNED][0] > 0).length} of ${every.length} gain anything.`),
      picture(TUNED, [[gain, `yours ${points(gain)}`, "yours"], [guessed, `your guess ${points(guessed)}`, "guess"],
        [middle, `median ${points(middle)}`, "median"]], `All splits' gains by fine-tuning as dots. ${said}`),
      element("p", `A frozen layer that learned ${named(digits)} ${over > 0 ? "beats" : "does not beat"} a random one: ${points(over)} points,` +
        ` rank ${overRank} of ${every.length}. You said that it would${beats ? "" : " not"}.` +
        ` It does in ${every.filter((one) => one[OVER_RANDOM][0] > 0).length} of ${every.length} splits.`, { id: "lucky-random" }),
      picture(OVER_RANDOM, [[over, `yours ${points(over)}`, "yours"], [0, "as good as random", "median"]],
        `All splits' gains of a frozen layer over a random one as dots; yours ${points(over)}, rank ${overRank} of ${every.length}.`),
      table,
      element("p", `How much of that is luck of the runs? Six runs stand for a split, and their mean errs with a standard deviation of` +
        ` ${data.doubt[1].toFixed(1)} points, while true gains differ from split to split by ${data.doubt[0].toFixed(1)}. So ranks are rough, and most of` +
        ` what makes one split look better than another would not come back.`),
    );
    result.focus({ preventScroll: true });
    result.scrollIntoView({ block: "nearest" });
  }

  // A row of cells: of heads, or of one head and what it has.
  function row(kind, ...cells) {
    const made = element("tr", "");
    cells.forEach((text, place) => {
      if (kind === "td" && place) return made.append(element("td", text));
      const head = element("th", "", { scope: kind === "th" ? "col" : "row" });
      head.append(GLOSSARY[text] ? element("a", text, { href: GLOSSARY[text] }) : text);
      return made.append(head);
    });
    return made;
  }

  for (const digit of "0123456789") {
    const label = element("label", "");
    label.append(element("input", "", { type: "checkbox", name: "digit", value: digit }), element("span", digit));
    document.getElementById("lucky-digits").append(label);
  }
  form.addEventListener("change", (event) => (event.target.name === "digit" ? update() : result.replaceChildren()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  update();
  form.hidden = false; // without a script it would ask and never answer
})();
