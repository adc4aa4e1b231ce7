"""The picture of a network, as SVG: its layers, what is frozen, and how far the backward pass goes.

Frozen layers are hatched, dashed and padlocked, and the head has a thicker edge besides its own colour, so that nothing
hangs on colour alone; the background is the picture's own, for dark pages. Wide networks go on in another row, so that
the letters stay legible on a phone.
"""

from base64 import b64encode
from html import escape

from helpers.files import atomic_write

ROW_WIDTH = 560  # where the next row begins; a phone shows it at two thirds of its size
BLOCK_HEIGHT = 100
GAP = 14  # between blocks, long enough for an arrowhead
MARGIN = 12
LANE = 26  # below the blocks, for the way back
ROW_HEIGHT = BLOCK_HEIGHT + LANE + 18

INK, FORWARD, BACKWARD = "#1A1A1A", "#1A1A1A", "#A63D00"
TRAINED, FROZEN, HEAD = "#0072B2", "#555555", "#D55E00"  # edges
TINTS = {TRAINED: "#E3F0F8", HEAD: "#FFE1CC"}
HATCH = (
    '<defs><pattern id="frozen" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" fill="#EEEEEE"/><rect width="2" height="7" fill="#DADADA"/></pattern></defs>'
)


def words(network):
    """What the picture shows, in words."""
    told = []
    for name, layer, shape in zip(network.names, network.layers, network.output_shapes):
        count, state = _count(layer), "trained" if layer.trainable else "frozen"
        told.append(f"{name} ({layer.kind}, {_size(shape)}{f', {count:,} parameters, {state}' if count else ''})")
    first = network.first_trainable
    back = f"goes back to {network.names[first]}" if first < len(network) else "has nowhere to go"
    return (
        f"Network from {_size(network.input_shape)} inputs to {_size(network.output_shapes[-1])} outputs: "
        f"{', then '.join(told)}. {_totals(network)}. The gradient of the loss {back}."
    )


def svg(network):
    """The SVG of a network, from its input to the loss; the same network gives the same text."""
    rows = _rows(_blocks(network))
    caption = _totals(network)
    width = 2 * MARGIN + max(7 * len(caption), *(_width(row) for row in rows))
    height = MARGIN + len(rows) * ROW_HEIGHT + 16
    parts = [HATCH, f'<rect width="{width}" height="{height}" rx="6" fill="#FFFFFF"/>']
    further = False  # does the gradient go on into the row above?
    for number, row in enumerate(rows):
        top, last = MARGIN + number * ROW_HEIGHT, number == len(rows) - 1
        places = [MARGIN + _width(row[:index]) + (GAP if index else 0) for index in range(len(row))]
        parts += [block.draw(x, top) for block, x in zip(row, places)]
        parts += _way_forward(row, places, top, None if number == 0 else 1, None if last else width - 3)
        trained = [x + block.width // 2 for block, x in zip(row, places) if block.trained]
        start = places[-1] + row[-1].width // 2 if last else width - 3
        if trained or further:
            parts += _way_back(start, 3 if further else trained[0], trained, top, from_loss=last)
        if last:
            label = "gradient" if trained or further else "no gradient"
            parts.append(_text(start - 6, top + BLOCK_HEIGHT + 31, label, 11, f' fill="{BACKWARD}"', anchor="end"))
        further = further or bool(trained)
    parts.append(_text(width / 2, height - 10, caption, 12))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="DejaVu Sans, Verdana, Arial, sans-serif" fill="{INK}">{"".join(parts)}</svg>'
    )


def picture(network):
    """The picture as an `<img>`: JupyterLab shows it even in a notebook that isn't trusted, unlike an `<svg>`."""
    data = b64encode(svg(network).encode()).decode()
    return f'<img alt="{escape(words(network))}" src="data:image/svg+xml;base64,{data}" style="max-width: 100%">'


def save(network, path):
    """Write the picture of a network as an SVG file, whole or not at all."""
    with atomic_write(path) as file:
        file.write(svg(network).encode())


class beside:  # named like a function, as that is what it is to its callers
    """Networks to compare, each with its name: one picture below the other in a notebook, their tables elsewhere.

    Parameters
    ----------
    networks : dict of str to Network
    """

    def __init__(self, networks):
        self.networks = networks

    def _repr_html_(self):
        return "".join(f"<p>{escape(name)}<br>{picture(network)}</p>" for name, network in self.networks.items())

    def __repr__(self):
        return "\n".join(f"{name}: {network!r}" for name, network in self.networks.items())


class _Block:
    """A piece of the row: with parameters a wide block of several lines, without them a narrow one with its kind."""

    def __init__(self, lines, edge, *, narrow=False, frozen=False, trained=False):
        self.lines, self.edge, self.narrow, self.frozen, self.trained = lines, edge, narrow, frozen, trained
        self.width = 24 if narrow else 18 + max(round(7.3 * len(line)) for line in lines)

    def draw(self, x, top):
        """Its SVG, with the upper left corner at (x, top)."""
        fill = "url(#frozen)" if self.frozen else TINTS.get(self.edge, "#FFFFFF")
        look = f'stroke="{self.edge}" stroke-width="{3.5 if self.edge == HEAD else 1.5}"'
        if self.frozen:
            look += ' stroke-dasharray="5 3"'
        parts = [f'<rect x="{x}" y="{top}" width="{self.width}" height="{BLOCK_HEIGHT}" rx="4" fill="{fill}" {look}/>']
        middle, centre = x + self.width / 2, top + BLOCK_HEIGHT / 2
        if self.narrow:
            turned = f' transform="rotate(-90 {middle} {centre})"'
            parts.append(_text(middle, centre + 4, self.lines[0], 11, turned))
        else:
            y = centre + 5 - 8.5 * (len(self.lines) - 1)
            for number, line in enumerate(self.lines):
                weight = ' font-weight="bold"' if number == 0 else ""
                parts.append(_text(middle, y + 17 * number, line, 12, weight))
        if self.frozen:
            parts.append(_padlock(x + self.width - 11, top - 8))
        return "".join(parts)


def _blocks(network):
    """The blocks of a network: its input, its layers, and the loss."""
    blocks = [_Block(["input", _size(network.input_shape)], "#888888")]
    for index, (name, layer, shape) in enumerate(zip(network.names, network.layers, network.output_shapes)):
        count = _count(layer)
        if not count:
            blocks.append(_Block([layer.kind], "#888888", narrow=True))
            continue
        edge = HEAD if index == len(network) - 1 else TRAINED if layer.trainable else FROZEN
        shown = name if len(name) <= 18 else f"{name[:17]}…"
        lines = [shown, layer.kind, f"→ {_size(shape)}", f"{count:,}", "parameters"]
        blocks.append(_Block(lines, edge, frozen=not layer.trainable, trained=layer.trainable))
    return [*blocks, _Block(["loss"], BACKWARD, narrow=True)]


def _rows(blocks):
    """Cut blocks into as few rows as `ROW_WIDTH` allows, and make those as equal as they can be."""
    few = len(_cut(blocks, ROW_WIDTH))
    return next(rows for limit in range(0, ROW_WIDTH + 1, 10) if len(rows := _cut(blocks, limit)) == few)


def _cut(blocks, limit):
    rows = [[]]
    for block in blocks:
        if rows[-1] and _width([*rows[-1], block]) > limit:
            rows.append([])
        rows[-1].append(block)
    return rows


def _width(blocks):
    return sum(block.width for block in blocks) + GAP * max(len(blocks) - 1, 0)


def _way_forward(row, places, top, start, end):
    """Arrows from block to block; also from `start` and to `end` where other rows come before and after this one."""
    y = top + BLOCK_HEIGHT // 2
    ends = [x + block.width for block, x in zip(row, places)]
    sources, targets = [start, *ends], [*places, end]
    for source, target in zip(sources, targets):
        if source is not None and target is not None:
            yield _arrow((source, y), (target - 1, y), FORWARD)


def _way_back(start, end, trained, top, from_loss):
    """The gradient's way below a row, from `start` to `end`, with an arrow up into each layer that is trained."""
    edge = top + BLOCK_HEIGHT + 2
    y = edge + 16
    begin = [(start, edge - 2)] if from_loss else []
    path = " ".join(f"{x},{height}" for x, height in [*begin, (start, y), (end, y)])
    yield f'<polyline points="{path}" fill="none" stroke="{BACKWARD}" stroke-width="2" stroke-dasharray="6 3"/>'
    for x in trained:
        yield _arrow((x, y), (x, edge), BACKWARD)
    if end not in trained:
        yield _arrow((end + 8, y), (end - 1, y), BACKWARD)


def _arrow(start, end, colour):
    (x0, y0), (x1, y1) = start, end
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    sides = [(x1 - 7 * dx - 4 * dy, y1 - 7 * dy - 4 * dx), (x1 - 7 * dx + 4 * dy, y1 - 7 * dy + 4 * dx)]
    head = " ".join(f"{x},{y}" for x, y in [(x1, y1), *sides])
    line = f'<line x1="{x0}" y1="{y0}" x2="{x1 - 5 * dx}" y2="{y1 - 5 * dy}" stroke="{colour}" stroke-width="2"/>'
    return f'{line}<polygon points="{head}" fill="{colour}"/>'


def _padlock(x, y):
    shackle = f'<path d="M{x + 3},{y + 8} v-3 a4,4 0 0 1 8,0 v3" fill="none" stroke="{INK}" stroke-width="2"/>'
    halo = f'<rect x="{x - 2}" y="{y - 1}" width="18" height="20" rx="3" fill="#FFFFFF"/>'
    return f'<g class="padlock">{halo}{shackle}<rect x="{x}" y="{y + 7}" width="14" height="10" rx="2"/></g>'


def _text(x, y, text, size, more="", anchor="middle"):
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _count(layer):
    return sum(parameter.value.size for parameter in layer.parameters())


def _size(shape):
    return "×".join(map(str, shape))


def _totals(network):
    total, trained = network.parameter_count(trainable_only=False), network.parameter_count()
    return f"{total:,} parameters: {trained:,} trained, {total - trained:,} frozen"
