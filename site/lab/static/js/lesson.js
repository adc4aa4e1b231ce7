// Part 2, the lesson: the learners side by side, their curves as they learn, and how they do on later drawings.

import { latest } from "./engine.js";
import { chart } from "./chart.js";
import { element, many, percent, swap } from "./picture.js";
import { STRATEGIES } from "./strategies.js"; // written by build.py

const get = (id) => document.getElementById(id);
const DECADES = [
  [0.001, "0.001"],
  [0.01, "0.01"],
  [0.1, "0.1"],
  [1, "1"],
];

/** The name of a learner, where the layers up to `upto` are frozen. */
function nameOf(strategy, upto) {
  const { name } = STRATEGIES[strategy];
  return upto === "hidden2" ? name.replace("first layer", "hidden layers") : name;
}

export function setUpLesson({ engine, store, trouble }) {
  let lesson = null; // what is being, or was, learned: the settings and drawings as they were, and the curves
  let running = false,
    stopped = false,
    drawing = null;
  const say = (words) => (get("teach-words").textContent = words);

  /** Teach what there is to learn, `until` a step; the lesson is kept, so that it can be taught again after a reload. */
  async function start({ steps, seeds, until = steps }) {
    const { source, upto, symbols } = store.state;
    const taught = symbols.filter(({ learn }) => learn.length);
    lesson = {
      upto,
      steps,
      seeds,
      names: taught.map(({ name }) => name),
      learned: learned(),
      curves: new Map(),
      done: false,
    };
    const keep = (until) => store.set({ taught: { learned: lesson.learned, steps, seeds, until } });
    toggle(true);
    keep(until);
    say("Learning …");
    get("lesson").hidden = false;
    rows();
    get("teach-note").textContent = "";
    const labels = taught.flatMap(({ learn }, label) => learn.map(() => label));
    await engine.ask("teach", {
      source,
      images: taught.flatMap(({ learn }) => learn),
      labels,
      symbols: taught.length,
      upto,
      seeds,
      steps: until,
    });
    for (let done = false; !done && !stopped;) {
      const { done: finished, curves } = await engine.ask("advance");
      for (const { strategy, seed, points } of curves) {
        const key = `${strategy} ${seed}`;
        if (!lesson.curves.has(key)) lesson.curves.set(key, { strategy, seed, points: [] });
        lesson.curves.get(key).points.push(...points);
      }
      drawCurves();
      say(`Learning: step ${reached()} of ${steps} …`);
      done = finished;
    }
    keep(reached());
    if (!reached()) return say("Stopped before all learners had begun.");
    lesson.done = true;
    await score();
    if (drawing) await guess(drawing);
  }

  // How many steps all learners have taken.
  const reached = () =>
    lesson.curves.size ? Math.min(...[...lesson.curves.values()].map(({ points }) => points.length)) : 0;
  // What a lesson depends on, to see whether it has changed since.
  const learned = () =>
    JSON.stringify([store.state.source, store.state.upto, store.state.symbols.map(({ name, learn }) => [name, learn])]);

  function drawCurves() {
    const { steps, upto } = lesson;
    const lines = [...lesson.curves.values()].map(({ strategy, points }) => ({
      points,
      ...STRATEGIES[strategy],
      name: "",
    }));
    const lasts = lines.map(({ points }) => points.at(-1)?.[1]).filter(Boolean);
    chart(get("teach-curves"), {
      lines,
      x: {
        low: 0,
        high: steps,
        ticks: [0, 0.5, 1].map((part) => [part * steps, String(part * steps)]),
        words: "steps",
      },
      y: { low: 0.001, high: 3, ticks: DECADES, log: true },
      words:
        `The losses of ${lines.length} learners, frozen up to ${upto}, after ${reached()} steps: from ` +
        `${Math.min(...lasts).toFixed(3)} to ${Math.max(...lasts).toFixed(3)}.`,
    });
  }

  async function score() {
    get("teach-note").textContent = "";
    if (lesson.learned !== learned()) {
      rows();
      return say("What there is to learn has changed since: teach again.");
    }
    const taught = store.state.symbols.filter(({ learn }) => learn.length);
    const labels = taught.flatMap(({ later }, label) => later.map(() => label)),
      images = taught.flatMap(({ later }) => later);
    const end = reached() < lesson.steps ? `Stopped after ${many(reached(), "step")}.` : "Done.";
    if (!images.length) {
      rows();
      document.querySelector("input[name=use][value=later]").click();
      return say(`${end} Nothing is measured yet: now draw later ones on the pad, and see what it is taken for.`);
    }
    const { shares, chance, comparisons } = await engine.ask("scores", { images, labels });
    rows(shares, chance);
    const of = Object.fromEntries(shares.map((one) => [one.strategy, one]));
    say(
      `${end} Of ${many(images.length, "later drawing")}, ${percent(of.frozen.share)} are recognised with the ` +
        `${nameOf("frozen", lesson.upto)}, ${percent(of.scratch.share)} from scratch; guessing would get ${percent(chance)}.`,
    );
    get("teach-note").textContent = [
      ...comparisons.map((one) => compare(one, lesson.upto)),
      of.scratch.share > 0.95 && "From scratch nearly all are right: learn from fewer drawings to leave something to gain.",
      lesson.seeds > 1
        ? `Shares are means over ${lesson.seeds} seeds; the intervals are for the drawings.`
        : "All this is one seed: another may say otherwise.",
      "The upright line marks guessing.",
    ]
      .filter(Boolean)
      .join(" ");
  }

  /** The table: a row for each learner. Roles are named because a phone's layout is no table to the browser. */
  function rows(shares = Object.keys(STRATEGIES).map((strategy) => ({ strategy })), chance = 0) {
    get("teach-scores").replaceChildren(
      ...shares.map(({ strategy, share, low, high }) => {
        const { colour, dash } = STRATEGIES[strategy],
          measured = share !== undefined;
        const right = measured
          ? [percent(share), element("span", { class: "small" }, `${percent(low)} – ${percent(high)}`)]
          : ["–"];
        return element(
          "tr",
          { role: "row", "data-strategy": strategy },
          element("th", { scope: "row", role: "rowheader" }, line(colour, dash), nameOf(strategy, lesson.upto)),
          element("td", { role: "cell" }, ...right),
          element(
            "td",
            { role: "cell", class: "wide" },
            ...(measured ? [interval({ low, high, share, chance, colour })] : []),
          ),
          element("td", { role: "cell", "data-guess": strategy }, "–"),
        );
      }),
    );
  }

  const guess = latest(async (image) => {
    if (!lesson?.done) return;
    const guesses = image ? await engine.ask("guesses", { image }) : [];
    for (const cell of document.querySelectorAll("[data-guess]")) {
      const one = guesses.find(({ strategy }) => strategy === cell.dataset.guess);
      cell.textContent = one ? `${lesson.names[one.symbol]} ` : "–";
      if (one && one.strategy !== "mean") // a distance is no belief
        cell.append(element("span", { class: "small" }, percent(one.beliefs[one.symbol])));
    }
  }, trouble);
  const rescore = latest(score, trouble);

  function toggle(is) {
    running = is;
    stopped = false;
    get("teach-words").ariaLive = is ? "off" : "polite"; // or a screen reader would read every step
    swap(get("teach-start"), get("teach-stop"), is);
  }

  const run = (given) =>
    start(given)
      .catch((error) => {
        say("This lesson could not be taught.");
        trouble(error);
      })
      .finally(() => toggle(false));

  function ready() {
    const taught = store.state.symbols.filter(({ learn }) => learn.length).length;
    get("teach-start").disabled = taught < 2;
    if (!running && taught < 2) say("It takes at least two symbols with a drawing each.");
    else if (!running && !lesson) say("Ready to teach.");
  }

  let before = store.state;
  store.listen(() => {
    const now = store.state,
      changed = ["symbols", "source", "upto"].some((name) => now[name] !== before[name]);
    before = now;
    if (!changed) return;
    ready();
    if (lesson?.done && !running) rescore();
  });
  get("teach-start").onclick = () => run({ steps: Number(store.state.steps), seeds: Number(store.state.seeds) });
  get("teach-stop").onclick = ({ detail }) => {
    stopped ||= detail < 2; // Stop comes to the place of Teach, and would get the second half of a double click
  };
  ready();
  const { taught } = store.state;
  if (taught?.learned === learned() && taught.until > 0) run(taught); // by the same seeds it comes to the same

  return (image) => {
    drawing = image;
    guess(image);
  };
}

/** The frozen learner beside a control, in words: Python compared them drawing by drawing. */
function compare({ other, above, below, p }, upto) {
  const name = nameOf(other, upto);
  if (above + below === 0) return `Frozen and ${name} are right on the very same drawings.`;
  const verdict =
    p < 0.05 ? `${above > below ? "frozen" : name} is better on drawings like these` : "they cannot be told apart";
  return (
    `Frozen is right more often on ${many(above, "drawing")}, ${name} on ${below}; chance alone parts equals so ` +
    `unevenly in ${p < 0.01 ? "less than 1" : Math.round(100 * p)} of 100 lessons, so ${verdict}.`
  );
}

/** A short piece of a learner's line, as in the chart. */
function line(colour, dash) {
  const holder = element("span", { class: "key", "aria-hidden": "true" });
  holder.innerHTML =
    `<svg viewBox="0 0 26 8"><line x2="26" y1="4" y2="4" stroke="${colour}" stroke-width="3" ` +
    `stroke-dasharray="${dash}"/></svg>`;
  return holder;
}

/** An interval between 0 and 100 %, the share in it, and chance; its numbers stand beside it. */
function interval(values) {
  const room = element(
    "span",
    { class: "interval", "aria-hidden": "true" },
    ...["chance", "span", "share"].map((part) => element("span", { class: part })),
  );
  for (const [name, value] of Object.entries(values)) room.style.setProperty(`--${name}`, value);
  return room;
}
