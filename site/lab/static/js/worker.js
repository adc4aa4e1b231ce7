// The worker: all Python, and so all arithmetic, happens here, away from the page's own thread.

import { loadPython } from "./python.js";

const DATA = new URL("../data/", import.meta.url);
let call; // the laboratory's method of this name: JSON in, JSON out
let python;
const fetched = new Map(); // files that were asked for, by name
let last = Promise.resolve(); // questions are answered in turn

self.onmessage = ({ data: question }) => {
  last = last.then(() => answer(question));
};

async function answer({ id, name, args }) {
  try {
    if (!call) await start();
    if (args.source) await fetchFile(`${args.source}.npz`);
    postMessage({ id, answer: JSON.parse(call(name, JSON.stringify(args))) });
  } catch (error) {
    postMessage({ id, error: { kind: error.type ?? error.name, words: error.message } });
  }
}

async function start() {
  python = await loadPython((share) => postMessage({ share }));
  python.FS.mkdirTree("/data");
  await Promise.all(["gallery.npz", "drawings.npz"].map(fetchFile));
  call = python.runPython("from laboratory import Laboratory; Laboratory('/data').call");
}

function fetchFile(name) {
  if (!fetched.has(name)) {
    const arrival = (async () => {
      const answer = await fetch(new URL(name, DATA));
      if (!answer.ok) throw new Error(`${answer.url} could not be fetched (${answer.status})`);
      python.FS.writeFile(`/data/${name}`, new Uint8Array(await answer.arrayBuffer()));
    })();
    arrival.catch(() => fetched.delete(name)); // the next question asks again
    fetched.set(name, arrival);
  }
  return fetched.get(name);
}
