// Questions to Python: `await engine.ask("answer", { source, image })`. The worker starts with the first one.

const OUT_OF_MEMORY =
  "This device has no memory left for Python. Close other tabs, then reload this page; your drawings are kept.";

/** Something that Python, or the way to it, could not do: the message is for the visitor; `question` is its name. */
export class EngineError extends Error {
  constructor(message, question = "") {
    super(message);
    this.question = question;
  }
}

export class Engine {
  #worker;
  #waiting = new Map(); // the promises of questions that are not yet answered
  #count = 0;
  #broken;
  isReady = false; // whether it has answered a question

  /** `report(share)` is told how much of Python has arrived, from 0 to 1; `solved(name)` of each question answered. */
  constructor(report, solved) {
    this.#worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => {
      if ("share" in data) return report(data.share);
      const { name, resolve, reject } = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.error) return reject(new EngineError(inWords(data.error), name));
      this.isReady = true;
      solved(name);
      resolve(data.answer);
    };
    this.#worker.onerror = (event) => this.#fail(inWords({ kind: "", words: event.message ?? "" }));
  }

  ask(name, args = {}) {
    if (this.#broken) return Promise.reject(this.#broken);
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { name, resolve, reject });
      this.#worker.postMessage({ id, name, args });
    });
  }

  #fail(words) {
    this.#broken = new EngineError(words);
    for (const { reject } of this.#waiting.values()) reject(this.#broken);
    this.#waiting.clear();
  }
}

/** What went wrong, for somebody who knows nothing of its inside. */
function inWords({ kind, words }) {
  if (/memory/i.test(kind + words)) return OUT_OF_MEMORY;
  if (/fetch/i.test(words) || !words)
    return (
      "A file of this page did not arrive. Is the server still there, and this device in its network? " +
      `Then try again, or reload the page; your drawings are kept. (${words || "Python did not start"})`
    );
  const last = words.trim().split("\n").at(-1);
  return `Python could not do that: ${last}. Reloading the page helps; your drawings are kept.`;
}

/** A function that does `work` for the newest thing it was given: of what comes in meanwhile, only the last counts. */
export function latest(work, failed) {
  let busy = false,
    next = null;
  return async function run(...given) {
    if (busy) return void (next = given);
    busy = true;
    try {
      await work(...given);
    } catch (error) {
      failed(error);
    }
    busy = false;
    if (next) {
      const newest = next;
      next = null;
      await run(...newest);
    }
  };
}
