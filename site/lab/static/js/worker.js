// The worker: all Python, and so all arithmetic, happens here, away from the page's own thread.

import { loadPython } from "./python.js";

const DATA = new URL("../data/", import.meta.url);
const LONGEST = 60_000; // milliseconds that a file may take
const ZIP = [0x50, 0x4b]; // how an .npz file begins
let python, call; // the laboratory's method: JSON in, JSON out
let last = Promise.resolve(); // questions are answered in turn, each as soon as the file that it needs is here
const fetched = new Map(); // the promises of files' bytes, by name
const written = new Set(); // the files that Python can read
const started = start(); // the promise that they are there
started.catch(() => {}); // the first question tells

self.onmessage = async ({ data: { id, name, args } }) => {
  try {
    const file = args.source && `${args.source}.npz`;
    const [bytes] = await Promise.all([file && fetchFile(file), started]);
    const answer = last.then(() => {
      if (file) write(file, bytes);
      return JSON.parse(call(name, JSON.stringify(args)));
    });
    last = answer.catch(() => {});
    postMessage({ id, answer: await answer });
  } catch (error) {
    postMessage({ id, error: { kind: error.type ?? error.name, words: error.message } });
  }
};

async function start() {
  const names = ["gallery.npz", "drawings.npz"];
  const files = Promise.all(names.map(fetchFile));
  [python] = await Promise.all([loadPython((share) => postMessage({ share })), files]);
  python.FS.mkdirTree("/data");
  (await files).forEach((bytes, place) => write(names[place], bytes));
  call = python.runPython("from laboratory import Laboratory; Laboratory('/data').call");
}

function write(name, bytes) {
  if (!written.has(name)) python.FS.writeFile(`/data/${name}`, bytes);
  written.add(name);
}

function fetchFile(name) {
  if (!fetched.has(name)) {
    const arrival = arrive(name);
    arrival.catch(() => fetched.delete(name)); // the next question asks again
    fetched.set(name, arrival);
  }
  return fetched.get(name);
}

async function arrive(name) {
  let bytes;
  try {
    const answer = await fetch(new URL(name, DATA), { signal: AbortSignal.timeout(LONGEST) });
    if (!answer.ok) throw new Error(`the server said ${answer.status}`);
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new Error(`${name} could not be fetched: ${error.message}`);
  }
  if (!ZIP.every((byte, place) => bytes[place] === byte)) throw new Error(`what was fetched as ${name} is something else`);
  return bytes;
}
