// Python and NumPy inside a worker, with the project's own helpers on the path.

import { loadPyodide } from "../engine/pyodide.mjs";

const ENGINE = new URL("../engine/", import.meta.url);
const ARCHIVES = ["numpy.zip", "project.zip"];

/** Start Python. `report(share)` is told how much has arrived, from 0 to 1. */
export async function loadPython(report = () => {}) {
  const sizes = await (await fetch(new URL("sizes.json", ENGINE))).json();
  const total = Object.values(sizes).reduce((sum, size) => sum + size);
  let arrived = 0;

  // Pyodide fetches its own files; this lets their bytes be counted as they come in.
  const plainFetch = self.fetch;
  self.fetch = async (...request) => {
    const answer = await plainFetch(...request);
    if (!answer.ok) throw new Error(`${answer.url} could not be fetched (${answer.status})`);
    const counter = new TransformStream({
      transform(chunk, controller) {
        arrived += chunk.byteLength;
        report(Math.min(1, arrived / total));
        controller.enqueue(chunk);
      },
    });
    return new Response(answer.body.pipeThrough(counter), { headers: answer.headers });
  };
  try {
    const archives = ARCHIVES.map(async (name) => (await self.fetch(new URL(name, ENGINE))).arrayBuffer());
    const python = await loadPyodide({ indexURL: ENGINE.href });
    for (const archive of archives) python.unpackArchive(await archive, "zip", { extractDir: "/packages" });
    python.runPython("import sys; sys.path.insert(0, '/packages')");
    return python;
  } finally {
    self.fetch = plainFetch;
  }
}
