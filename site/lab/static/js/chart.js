// A line chart as an SVG picture. It knows pixels and axes; every number in it was computed by Python.

const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [400, 260, 46, 14, 12, 40];

/**
 * Draw lines into a place.
 *
 * lines: [{ points: [[x, y]], colour, dash, name }], a name is written at the line's end;
 * x, y: { low, high, ticks: [[value, text]], words, log }; mark: an x to point out; words: what the picture shows.
 */
export function chart(place, { lines, x, y, mark, words }) {
  const across = scale(x, LEFT, WIDTH - RIGHT),
    up = scale(y, HEIGHT - BOTTOM, TOP);
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words, class: "chart" });
  for (const [value, text] of y.ticks) {
    svg.append(make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: up(value), y2: up(value), class: "grid" }));
    svg.append(make("text", { x: LEFT - 7, y: up(value) + 4, "text-anchor": "end" }, text));
  }
  for (const [value, text] of x.ticks)
    svg.append(make("text", { x: across(value), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, text));
  svg.append(make("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, x.words));
  if (mark !== undefined)
    svg.append(make("line", { x1: across(mark), x2: across(mark), y1: TOP, y2: HEIGHT - BOTTOM, class: "mark" }));
  const ends = []; // where the lines end, and their names
  for (const { points, colour, dash, name } of lines.filter((line) => line.points.length)) {
    const places = points.map(([one, other]) => [across(one).toFixed(1), up(other).toFixed(1)]);
    svg.append(
      make("polyline", {
        points: places.map((pair) => pair.join()).join(" "),
        stroke: colour,
        "stroke-dasharray": dash,
        class: "line",
      }),
    );
    if (name) ends.push({ name, height: Number(places.at(-1)[1]) });
  }
  let free = TOP + 20; // names keep clear of the top, and of each other
  for (const { name, height } of ends.sort((one, other) => one.height - other.height)) {
    const y = Math.max(free, height - 8);
    svg.append(make("text", { x: WIDTH - RIGHT - 4, y, "text-anchor": "end", class: "name" }, name));
    free = y + 16;
  }
  place.replaceChildren(svg);
}

/** Where a value lies between two places; what is beyond an end of the axis is shown at that end. */
function scale({ low, high, log }, from, to) {
  const measure = log ? Math.log : (value) => value;
  return (value) => {
    const inside = Math.min(high, Math.max(low, value));
    return from + ((measure(inside) - measure(low)) / (measure(high) - measure(low))) * (to - from);
  };
}

function make(name, attributes, text = "") {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}
