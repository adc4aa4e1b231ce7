// A drawing pad for mouse, finger and keyboard: makePad(place, options). It knows strokes and ink, nothing of digits.

const HELP =
  "Draw with mouse, pen or finger. By keyboard: arrows move the pen (with Shift a little), Space puts it down or lifts it, " +
  "Backspace undoes, Delete clears.";
const LINE = 0.08; // width of a line, as a share of the pad
const NEAR = 0.004; // a point nearer to the last one than this says nothing new
const MOST_POINTS = 5000; // as in helpers/data/strokes.py
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STYLE = `
.pad { display: inline-flex; flex-direction: column; gap: 6px; width: min(var(--pad-size, 280px), 100%); }
.pad canvas { width: 100%; aspect-ratio: 1; box-sizing: border-box; cursor: crosshair; touch-action: none;
  background: var(--pad-paper, #fff); border: 2px solid var(--pad-edge, currentColor); border-radius: 6px; }
.pad canvas:focus-visible { outline: 3px solid var(--pad-focus, #0072B2); outline-offset: 2px; }
.pad-buttons { display: flex; gap: 6px; align-items: center; }
.pad-buttons button { font: inherit; min-height: 32px; padding: 2px 14px; }
.pad-help { font-size: 0.8em; line-height: 1.35; }
.pad-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }`;

let pads = 0;

const clamp = (value) => Math.min(1, Math.max(0, value));
const round = (value) => Math.round(value * 1000) / 1000;
const copy = (strokes) => strokes.map((stroke) => stroke.map((point) => [...point]));

function drawLines(context, strokes, size, colour) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = LINE * size;
  context.strokeStyle = colour;
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * size, stroke[0][1] * size);
    for (const [x, y] of stroke) context.lineTo(x * size, y * size); // a lone point becomes a dot
    context.stroke();
  }
}

// Draw a grey image (a Uint8Array, row by row, 0 is paper) into a canvas, dark on light.
export function paint(canvas, image, columns = 28) {
  canvas.width = columns;
  canvas.height = image.length / columns;
  const pixels = new ImageData(canvas.width, canvas.height);
  image.forEach((ink, place) => pixels.data.set([255 - ink, 255 - ink, 255 - ink, 255], 4 * place));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

// Put a pad into an element, instead of what is in it. `onStrokes(strokes, { drawing })` is called at most once a frame
// while a line is drawn (drawing: true), and when it ends, after undo and after clear (drawing: false).
export function makePad(place, { label = "Drawing pad", onStrokes = () => {} } = {}) {
  const root = document.createElement("div");
  root.className = "pad";
  const id = `pad-help-${++pads}`;
  root.innerHTML = `<style>${STYLE}</style>
    <canvas tabindex="0" role="application" aria-describedby="${id}"></canvas>
    <div class="pad-buttons"><button type="button">Undo</button><button type="button">Clear</button></div>
    <div class="pad-help" id="${id}">${HELP}</div><div class="pad-unseen" role="status"></div>`;
  const canvas = root.querySelector("canvas");
  const status = root.querySelector("[role=status]");
  const [undoButton, clearButton] = root.querySelectorAll("button");
  canvas.setAttribute("aria-label", label);
  place.replaceChildren(root);

  let strokes = [];
  let line = null; // the stroke that is being drawn, the last one of `strokes`
  let hand = null; // the pointer that draws it, null for the keyboard
  let pen = [0.5, 0.5]; // where the keyboard's pen is
  let byKeyboard = false;
  let frame = 0;

  function redraw() {
    const size = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1)) || 280;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    const colours = getComputedStyle(canvas);
    context.clearRect(0, 0, size, size);
    drawLines(context, strokes, size, colours.getPropertyValue("--pad-ink").trim() || "#111");
    if (byKeyboard && document.activeElement === canvas) {
      context.beginPath();
      context.arc(pen[0] * size, pen[1] * size, 0.06 * size, 0, 2 * Math.PI);
      context.lineWidth = (line ? 0.02 : 0.008) * size; // a thick ring: the pen is down
      context.strokeStyle = colours.getPropertyValue("--pad-focus").trim() || "#0072B2";
      context.stroke();
    }
    const isEmpty = strokes.length === 0;
    if (isEmpty && [undoButton, clearButton].includes(document.activeElement)) canvas.focus({ preventScroll: true });
    undoButton.disabled = clearButton.disabled = isEmpty;
  }

  function changed(drawing) {
    if (drawing && frame) return;
    cancelAnimationFrame(frame);
    const tell = () => {
      frame = 0;
      redraw();
      onStrokes(copy(strokes), { drawing });
    };
    if (drawing) frame = requestAnimationFrame(tell);
    else tell();
  }

  function begin(point, pointer = null) {
    line = [point];
    hand = pointer;
    strokes.push(line);
    changed(true);
  }

  function extend(point) {
    const [x, y] = line[line.length - 1];
    if (Math.hypot(point[0] - x, point[1] - y) < NEAR) return;
    if (strokes.reduce((sum, stroke) => sum + stroke.length, 0) >= MOST_POINTS) {
      status.textContent = "The pad is full: clear it, or undo a line.";
      return;
    }
    line.push(point);
    changed(true);
  }

  function end() {
    if (!line) return;
    line = null;
    changed(false);
  }

  function drop() {
    line = null;
    strokes.pop();
    changed(false);
  }

  function undo() {
    drop();
    status.textContent = `Line taken back; ${strokes.length} left.`;
  }

  function clear() {
    line = null;
    strokes = [];
    status.textContent = "The pad is empty.";
    changed(false);
  }

  function pointOf(event) {
    const box = canvas.getBoundingClientRect();
    const edge = canvas.clientLeft;
    return [
      round(clamp((event.clientX - box.left - edge) / canvas.clientWidth)), // outside the pad the line stays on its edge
      round(clamp((event.clientY - box.top - edge) / canvas.clientHeight)),
    ];
  }

  // One pointer draws a line. Others are ignored meanwhile: a palm beside the pen, a second finger.
  const draws = ({ pointerId }) => line && hand?.pointerId === pointerId;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    if (line && hand) {
      if (hand.pointerType !== "touch" || event.pointerType !== "pen") return;
      drop(); // a palm comes down before its pen
    }
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    byKeyboard = false;
    begin(pointOf(event), event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!draws(event)) return;
    const every = event.getCoalescedEvents?.() ?? [];
    for (const one of every.length ? every : [event]) extend(pointOf(one));
  });
  canvas.addEventListener("pointercancel", (event) => draws(event) && drop());
  for (const name of ["pointerup", "lostpointercapture"]) {
    canvas.addEventListener(name, (event) => draws(event) && end());
  }

  canvas.addEventListener("keydown", (event) => {
    const move = ARROWS[event.key];
    const undoes = event.key === "Backspace" || (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey));
    if (!move && !undoes && ![" ", "Enter", "Escape", "Delete"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (line && hand) return; // keys wait until it ends
    byKeyboard = true;
    if (move) {
      const step = 1 / (event.shiftKey ? 112 : 28);
      pen = pen.map((value, axis) => round(clamp(value + step * move[axis])));
      if (line) extend([...pen]);
    } else if (undoes) undo();
    else if (event.key === "Delete") clear();
    else if (line) {
      end();
      status.textContent = "Pen up.";
    } else if (event.key !== "Escape") {
      begin([...pen]);
      status.textContent = "Pen down.";
    }
    redraw();
  });
  canvas.addEventListener("focus", () => {
    byKeyboard = canvas.matches(":focus-visible");
    redraw();
  });
  canvas.addEventListener("blur", () => {
    if (!hand) end(); // a pointer may go on: it is captured
    redraw();
  });
  undoButton.addEventListener("click", undo);
  clearButton.addEventListener("click", clear);
  new ResizeObserver(redraw).observe(canvas);
  redraw();

  return {
    element: root,
    undo,
    clear,
    get strokes() {
      return copy(strokes);
    },
    // Show these strokes, without a call of onStrokes.
    set(given) {
      line = null;
      strokes = copy(given);
      redraw();
    },
  };
}
