// Part 3: fine-tune the source on something else, and ask its old head about the drawing of part 1 along the way.

import { latest } from "./engine.js";
import { chart } from "./chart.js";
import { unknown } from "./draw.js";
import { a, bars, many, paint, percent, swap } from "./picture.js";

const STEPS = 300;
const get = (id) => document.getElementById(id);

export function setUpForget({ engine, store, manifest, trouble }) {
  const slider = get("forget-step");
  let memory = null; // the steps that were kept, how many old digits are still known after each, and the beliefs
  let running = false,
    stopped = false,
    playing = null,
    asked = "";
  const say = (words) => get("forget-words").textContent === words || (get("forget-words").textContent = words);

  const look = latest(async (image) => {
    const whose = memory;
    if (!whose) return;
    const { beliefs } = await engine.ask("remembered", { source: whose.source, image });
    if (memory !== whose) return; // forgotten anew meanwhile
    memory = { ...memory, image, beliefs };
    show();
  }, trouble);

  const own = () => store.state["forget-what"] === "symbols";
  const drawn = () => store.state.symbols.filter(({ learn }) => learn.length).map(({ learn }) => learn);
  // What the fine-tuning depends on, to see whether it has changed since.
  const given = () => JSON.stringify([store.state.source, store.state.rate, own() ? drawn() : "digits"]);

  /** Fine-tune `until` a step; it is kept, so that it can be done again after a reload. */
  async function start(until) {
    const { source, rate } = store.state,
      what = given();
    const keep = (until) => store.set({ forgot: { given: what, until } });
    const groups = own()
      ? drawn()
      : await engine.ask("bundled", { digits: unknown(source), first: 0, count: 10 });
    if (groups.length < 2)
      return say("Your own symbols are in part 2: it takes two, with a drawing each, to teach it something else.");
    memory = null;
    get("memory").hidden = true;
    keep(until);
    say("Fine-tuning …");
    const labels = groups.flatMap((images, label) => images.map(() => label));
    await engine.ask("forget", { source, images: groups.flat(), labels, symbols: groups.length, steps: until, rate: Number(rate) });
    let taken = 0;
    for (let done = false; !done && !stopped;) {
      const {
        done: finished,
        curves: [{ points }],
      } = await engine.ask("advance_forgetting");
      taken = points.at(-1)?.[0] ?? taken;
      say(`Fine-tuning: step ${taken} of ${STEPS} …`);
      done = finished;
    }
    keep(taken);
    if (!taken) return say("Stopped before it had begun.");
    const { steps, old, images } = await engine.ask("remembered", { source });
    const image = store.state.digit ?? manifest.example.image;
    const { digits, beliefs } = await engine.ask("remembered", { source, image });
    memory = { source, given: what, steps, old, images, digits, image, beliefs };
    slider.max = steps.length - 1;
    slider.value = 0;
    get("memory").hidden = false;
    show();
  }

  function toggle(is) {
    running = is;
    stopped = false;
    pause();
    get("forget-words").ariaLive = is ? "off" : "polite"; // or a screen reader would read every step
    swap(get("forget-start"), get("forget-stop"), is);
  }

  function run(until) {
    if (running) return;
    toggle(true);
    start(until)
      .catch((error) => {
        say("It could not be fine-tuned.");
        trouble(error);
      })
      .finally(() => toggle(false));
  }

  /** What became of the belief in this drawing, and of all old digits. */
  function headline() {
    const { steps, old, images, digits, beliefs } = memory;
    if (memory.given !== given()) return "What it learns has changed since: fine-tune again.";
    const first = beliefs[0].indexOf(Math.max(...beliefs[0])),
      from = beliefs[0][first],
      to = beliefs.at(-1)[first];
    const end = steps.at(-1) < STEPS ? `Stopped after ${many(steps.at(-1), "step")}` : `Done: ${STEPS} steps`;
    const belief =
      from - to > 0.1
        ? `took its belief that this is ${a(digits[first])} from ${percent(from)} to ${percent(to)}`
        : `hardly touched its belief that this is ${a(digits[first])}: ${percent(from)} before, ${percent(to)} after`;
    return (
      `${end}${steps.at(-1) < STEPS ? ", which " : " "}${belief}. Of ${images} images of its digits by other hands it got ` +
      `${percent(old[0])} right, and now ${percent(old.at(-1))}. Move the slider, or press Play.`
    );
  }

  function show() {
    const { steps, old, images, digits, image, beliefs } = memory,
      place = Number(slider.value);
    say(headline());
    const first = beliefs[0].indexOf(Math.max(...beliefs[0])),
      digit = digits[first];
    bars(get("forget-bars"), digits, beliefs[place]);
    paint(get("forget-image"), image, "The image of part 1, as the network sees it");
    const words = `after ${many(steps[place], "step")}: ${percent(beliefs[place][first])} for ${digit}`;
    get("forget-now").textContent = words;
    slider.setAttribute("aria-valuetext", `${words}; old digits right ${percent(old[place])}`);
    get("forget-caption").textContent =
      `The old head on top of the layers as they change. At first it took this for ${a(digit)}; of ${images} images of ` +
      `its digits by other hands it got ${percent(old[0])} right, and ${percent(old[place])} after ${many(steps[place], "step")}.`;
    const every = steps.map((step, index) => [index, String(step)]).filter((_, index) => index % 4 === 0);
    chart(get("forget-curve"), {
      lines: [
        { points: old.map((share, index) => [index, share]), colour: "#0072B2", dash: "", name: "old digits right" },
        {
          points: beliefs.map((belief, index) => [index, belief[first]]),
          colour: "#D55E00",
          dash: "7 4",
          name: `belief in ${a(digit)}`,
        },
      ],
      x: { low: 0, high: Math.max(1, steps.length - 1), ticks: every, words: "steps of fine-tuning (unevenly spaced)" },
      y: { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1].map((share) => [share, percent(share)]) },
      mark: place,
      words:
        `Over the steps of fine-tuning, the belief that this is ${a(digit)} goes from ${percent(beliefs[0][first])} to ` +
        `${percent(beliefs.at(-1)[first])}, and the share of old digits right from ${percent(old[0])} to ` +
        `${percent(old.at(-1))}.`,
    });
  }

  function play() {
    if (playing) return pause();
    if (slider.value === slider.max) slider.value = 0;
    get("forget-play").textContent = "❚❚ Pause";
    playing = setInterval(() => {
      slider.value = Number(slider.value) + 1;
      show();
      if (slider.value === slider.max) pause();
    }, 350);
  }

  function pause() {
    clearInterval(playing);
    playing = null;
    get("forget-play").textContent = "▶ Play";
  }

  get("forget-start").onclick = () => run(STEPS);
  get("forget-stop").onclick = ({ detail }) => {
    stopped ||= detail < 2; // as in part 2
  };
  get("forget-play").onclick = play;
  slider.oninput = () => {
    pause();
    show();
  };
  store.listen(() => {
    const { digit } = store.state;
    if (digit && digit !== asked) look(digit);
    asked = digit;
    if (memory && !running) say(headline());
  });
  const { forgot } = store.state;
  if (forgot?.given === given() && forgot.until > 0) run(forgot.until); // it comes to the same
}
