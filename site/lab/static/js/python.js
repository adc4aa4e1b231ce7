// Python and NumPy inside a worker, with the project's own helpers on the path.

import { loadPyodide } from "../engine/pyodide.mjs";

const ENGINE = new URL("../engine/", import.meta.url);
const ARCHIVES = ["numpy.zip", "project.zip"];

/** Start Python. `report(share)` is told how much has arrived, from 0 to 1. */
export async function loadPython(report = () => {}) {
  const sizes = await (await fetch(new URL("sizes.json", ENGINE))).json();
  const total = Object.values(sizes).reduce((sum, size) => sum + size);
  let arrived = 0,
    failed;
  const failure = new Promise((_, reject) => (failed = reject));

  // Pyodide fetches its own files, and waits for ever for one that fails; this counts their bytes, and notices.
  const plainFetch = self.fetch;
  self.fetch = async (...request) => {
    if (!new URL(request[0].url ?? request[0], ENGINE).href.startsWith(ENGINE.href)) return plainFetch(...request);
    try {
      const answer = await plainFetch(...request);
      if (!answer.ok) throw new Error(`the server said ${answer.status}`);
      let came = 0;
      const counter = new TransformStream({
        transform(chunk, controller) {
          came += chunk.byteLength;
          arrived += chunk.byteLength;
          report(Math.min(1, arrived / total));
          controller.enqueue(chunk);
        },
        flush() {
          const size = sizes[answer.url.split("/").at(-1)];
          if (came !== size) throw new Error(`${came} of its ${size} bytes came`);
        },
      });
      answer.body.pipeTo(counter.writable).catch(refuse);
      const headers = new Headers(answer.headers);
      if (answer.url.endsWith(".wasm")) headers.set("Content-Type", "application/wasm"); // not every server says so
      return new Response(counter.readable, { headers });
    } catch (error) {
      throw refuse(error);
    }
    function refuse(error) {
      const told = new Error(`${request[0].url ?? request[0]} could not be fetched: ${error?.message ?? "it broke off"}`);
      failed(told);
      return told;
    }
  };
  async function load() {
    const archives = ARCHIVES.map(async (name) => (await self.fetch(new URL(name, ENGINE))).arrayBuffer());
    const python = await loadPyodide({ indexURL: ENGINE.href });
    for (const archive of archives) python.unpackArchive(await archive, "zip", { extractDir: "/packages" });
    python.runPython("import sys; sys.path.insert(0, '/packages')");
    return python;
  }
  try {
    return await Promise.race([load(), failure]);
  } finally {
    self.fetch = plainFetch;
  }
}
