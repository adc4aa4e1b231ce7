"""Scans and photos of handwriting become images like MNIST's: light ink on black, in a box of 20 × 20, centred.

Six steps: estimate the paper, find what differs from it, threshold that by Otsu's method, drop specks, thicken strokes
that would fade when scaled down, and scale and centre as MNIST's makers did. Where a picture is clean and small already,
as MNIST's are, all of them change nothing.
"""

from typing import NamedTuple

import numpy as np

from helpers.data.strokes import BOX, FINE, PEN, DrawingError, normalise, resampled

LARGEST = 400  # pixels: a larger picture is first scaled down to this
SMALLEST = 6  # pixels: the longer side of ink in which a shape can be seen
FAINTEST = 0.12  # contrast of ink to paper, as a share of the contrast of black to white
DARKEST_SHADE = 0.55  # of the light on the paper
EVEN = 1.5  # grey levels: paper that varies less is clean
TOUCHES = 0.02  # of the border: with more ink on it than this, which side is ink is not certain
FULL = 0.5, 0.6  # of the border, of the whole picture: with more ink than this, it is not a drawing on paper
GROWN = PEN + 0.4  # how wide thin strokes become, as their edges are soft: so they have as much ink as drawn ones
SPECK = 0.01  # of the largest patch of ink: smaller ones are dust


class Ink(NamedTuple):
    """What was found on a picture's paper.

    Attributes
    ----------
    strength : float array, (rows, columns)
        0 where there is paper, 1 where there is full ink.
    dark : bool
        The ink is darker than the paper.
    certain : bool
        Hardly any ink touches the border, so there is no doubt which is which.
    uneven : bool
        The paper is not of one grey: uneven light, noise or texture were taken out.
    """

    strength: np.ndarray
    dark: bool
    certain: bool
    uneven: bool


class Prepared(NamedTuple):
    """An image like MNIST's, a uint8 array (28, 28), and whether its strokes were thickened for it."""

    image: np.ndarray
    thickened: bool


def shrunk(grey):
    """A picture scaled down by a whole number, so that it has at most `LARGEST` pixels a side: a float32 array."""
    factor = -(-max(grey.shape) // LARGEST)
    rows, columns = (max(1, length // factor) for length in grey.shape)
    grey = np.asarray(grey, "float32")
    if factor == 1:
        return grey
    if min(grey.shape) < factor:  # a line, refused later
        return grey[::factor, ::factor]
    return grey[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor).mean(axis=(1, 3))


def find_ink(grey, dark=None):
    """Find what is drawn on a picture's paper.

    Parameters
    ----------
    grey : array, (rows, columns)
        Grey values from 0 for black to 255 for white.
    dark : bool, optional
        Whether ink is darker than paper; found out if not given. Paper is what most of the border shows.

    Returns
    -------
    Ink

    Raises
    ------
    DrawingError
        There is nothing on the paper, or ink fills the border or most of the picture.
    """
    grey = shrunk(grey)
    if min(grey.shape) < 2 or max(grey.shape) < SMALLEST:
        raise DrawingError(
            f"it has only {grey.shape[1]} × {grey.shape[0]} pixels; at least {SMALLEST} are needed to see a shape"
        )
    border = _border_of(grey)
    paper = np.median(border)
    uneven, exact = bool((np.abs(border - paper) <= EVEN).mean() < 0.5), (grey == paper).mean() > 0.4
    if dark is not None and not uneven:
        paper = np.quantile(border, 0.98 if dark else 0.02)  # most of the border may be ink
    if uneven:
        grey = _blurred(grey, 1) if min(grey.shape) >= 64 else grey  # against noise, and the blocks of JPEG
        paper = _surface(grey)
    if dark is None:
        away = grey - (_blurred(grey, max(4, max(grey.shape) // 12)) if uneven else paper)  # a shadow has two sides
        dark = bool((away * away * away).sum() < 0)
    if not dark:
        grey, paper = 255 - grey, 255 - paper
    contrast, threshold = _in_uneven_light(grey, paper) if uneven else _thresholded(_contrast(grey, paper))
    mask = contrast > threshold
    strongest = np.quantile(contrast[mask], 0.9) if mask.any() else 0.0
    if strongest < FAINTEST:
        raise DrawingError("nothing stands out from the paper; draw with a darker pen, or take the photo in more light")
    ink = _without_clutter(mask, uneven)
    on_border = _border_of(ink).mean()
    if on_border > FULL[0] or ink.mean() > FULL[1]:
        raise DrawingError(
            f"ink seems to cover {ink.mean():.0%} of it and {on_border:.0%} of its border; leave a margin of plain paper"
            " round the drawing, and crop away what is not paper"
        )
    if exact and max(grey.shape) <= 2 * BOX:  # as MNIST's are: every grey pixel counts
        low, high = 0.0, contrast.max()
    else:
        low, high = threshold / 2, strongest
        contrast[~_greatest(ink, 1)] = 0
    return Ink(np.clip((contrast - low) / (high - low), 0, 1), dark, bool(on_border < TOUCHES), uneven)


def prepare(ink):
    """Make an image like MNIST's of the ink that `find_ink` found.

    Parameters
    ----------
    ink : Ink

    Returns
    -------
    Prepared

    Raises
    ------
    DrawingError
        The ink is too small.
    """
    strength = ink.strength
    rows, columns = (np.flatnonzero((strength > 0).any(axis=axis)) for axis in (1, 0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    if max(height, width) < SMALLEST:
        raise DrawingError(
            f"its ink is {width} × {height} pixels, too small to see a shape; come closer, or crop the picture"
        )
    strength = strength[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    thickened = False
    if max(ink.strength.shape) > 2 * BOX:  # else the picture is much as MNIST's are
        scale = FINE * BOX / max(height, width)
        radius = _missing_radius(strength, scale)
        strength = resampled(strength, *(max(1, round(scale * length)) for length in strength.shape))
        if radius > 0.5:
            strength, thickened = _thickened(strength, radius), True
    image = normalise(np.rint(255 * strength).astype("uint8")).astype(float)
    return Prepared(np.rint(image * 255 / image.max()).astype("uint8"), thickened)


def otsu(values):
    """The threshold that parts values from 0 to 1 into two groups as unlike as can be (Otsu, 1979): a float."""
    counts, edges = np.histogram(values, 256, (0, 1))
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    between = np.nan_to_num(between)
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))  # a gap between the groups: the middle of it
    return float(edges[1:][best].mean())


def _border_of(array):
    """The outermost pixels of an array, in a row."""
    return np.concatenate([array[0], array[-1], array[1:-1, 0], array[1:-1, -1]])


def _contrast(grey, paper):
    """How much darker than the paper each pixel is, from 0 to 1 for black: in the shade as in the light."""
    return np.clip((paper - grey) / np.maximum(paper, 32), 0, 1)


def _surface(grey):
    """The brightness of the paper, if light falls off smoothly: a surface of second order through the border."""
    rows, columns = grey.shape
    y, x = np.linspace(-1, 1, rows)[:, None], np.linspace(-1, 1, columns)
    terms = [np.broadcast_to(term, grey.shape) for term in (np.ones(1), x, y, x * x, x * y, y * y)]
    ring, width = np.ones(grey.shape, bool), max(1, min(grey.shape) // 16)
    ring[width:-width, width:-width] = False
    equations, values = np.stack([term[ring] for term in terms], axis=1), grey[ring]
    equations, values = equations[:: len(values) // 1000 + 1], values[:: len(values) // 1000 + 1]
    fitted = np.full_like(values, np.median(values))
    for _ in range(6):  # what is far off is ink that touches the border
        away = np.abs(values - fitted)
        near = away <= max(4.0, 3.5 * np.median(away))
        weights = np.linalg.lstsq(equations[near], values[near], rcond=None)[0]
        fitted = equations @ weights
    paper = sum(weight * term for weight, term in zip(weights, terms))
    return np.clip(paper, fitted.min() - 20, 255).astype("float32")


def _in_uneven_light(grey, surface):
    """The contrast to the paper, and the threshold: first to paper with shadows, then to what is paper by that."""
    paper = _in_the_shade(grey, surface)
    contrast, threshold = _thresholded(_contrast(grey, paper))
    is_paper = ~_greatest(contrast > threshold, 2)
    return _thresholded(_contrast(grey, paper + _local_mean(grey - paper, is_paper)))


def _thresholded(contrast):
    """A contrast and its threshold."""
    return contrast, otsu(contrast)


def _in_the_shade(grey, surface):
    """The brightness of the paper where shadows fall on it: dark strokes are closed, and larger dark regions stay.

    A region that is darker than any shade is ink, however large.
    """
    reach = max(2, max(grey.shape) // 8)
    closed = -_greatest(-_greatest(grey, reach), reach)
    return np.maximum(closed, DARKEST_SHADE * surface)


def _local_mean(values, where):
    """The mean of `values` over the neighbourhood of each pixel, of pixels that are True in `where`; 0 if there are none."""
    reach = max(4, max(values.shape) // 12)
    weights = where.astype("float32")
    sums, weights = (_blurred(_blurred(array, reach), reach) for array in (values * weights, weights))
    return np.where(weights > 0.02, sums / np.maximum(weights, 0.02), 0)


def _blurred(values, reach):
    """The mean over a square of 2·reach + 1 pixels a side; at the border, over what is there of it."""
    for axis in (0, 1):
        length = values.shape[axis]
        sums = np.cumsum(np.insert(values, 0, 0, axis=axis), axis=axis, dtype="float32")
        last, first = np.minimum(np.arange(length) + reach + 1, length), np.maximum(np.arange(length) - reach, 0)
        values = (sums.take(last, axis) - sums.take(first, axis)).swapaxes(axis, -1) / (last - first)
        values = values.swapaxes(axis, -1).astype("float32")
    return values


def _greatest(values, reach):
    """The greatest value in a square of 2·reach + 1 pixels a side round each pixel."""
    for axis in (0, 1):
        width = [(reach, reach) if each == axis else (0, 0) for each in (0, 1)]
        values, covered = np.pad(values, width, mode="edge").swapaxes(0, axis), 1
        while covered < 2 * reach + 1:  # of 1, 2, 4, 8, … pixels in a row
            step = min(covered, 2 * reach + 1 - covered)
            values, covered = np.maximum(values[:-step], values[step:]), covered + step
        values = values.swapaxes(0, axis)
    return values


def _without_clutter(ink, photo):
    """The ink without specks, and on a photo without what hangs over from outside if the drawing lies inside."""
    if max(ink.shape) <= 2 * BOX or not ink.any():
        return ink
    patches = patches_of(ink)
    areas = np.bincount(patches.ravel())
    areas[0] = 0
    if photo:
        touching = np.unique(np.concatenate([patches[0], patches[-1], patches[:, 0], patches[:, -1]]))
        inside = ink & ~np.isin(patches, touching[touching > 0])
        extent = max((np.ptp(places) + 1 for places in np.nonzero(inside)), default=0) if inside.any() else 0
        if extent >= max(ink.shape) / 6:
            areas[touching] = 0
    return np.isin(patches, np.flatnonzero(areas > SPECK * areas.max()))


def patches_of(mask):
    """Number the connected patches of a mask from 1, neighbours across corners included: an int array, 0 elsewhere."""
    rows, columns = mask.shape
    steps = np.diff(np.pad(mask, [(0, 0), (1, 1)]).astype("int8"), axis=1)
    run_rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)  # one past the last
    parent = list(range(len(starts)))

    def root(run):
        while parent[run] != run:
            parent[run] = run = parent[parent[run]]
        return run

    first_of_row = np.searchsorted(run_rows, np.arange(rows + 1)).tolist()
    start_of, end_of = starts.tolist(), ends.tolist()
    for row in range(1, rows):
        above, above_end = first_of_row[row - 1], first_of_row[row]
        for run in range(first_of_row[row], first_of_row[row + 1]):
            while above < above_end and end_of[above] < start_of[run]:
                above += 1
            other = above
            while other < above_end and start_of[other] <= end_of[run]:
                parent[root(other)] = root(run)
                other += 1
    _, numbers = np.unique([root(run) for run in range(len(parent))], return_inverse=True)
    change = np.zeros((rows, columns + 1), int)
    change[run_rows, starts] = numbers + 1
    change[run_rows, ends] -= numbers + 1
    return change.cumsum(axis=1)[:, :-1]


def _missing_radius(strength, scale):
    """By how much strokes must grow on either side to be as wide as MNIST's once the ink fills the box.

    Measured in pixels of the picture at that scale. Growing makes the ink larger, too, hence the denominator.
    """
    ink, layers, area = strength > 0.5, 0, 0
    area = ink.sum()
    while ink.any():  # layer by layer, like an onion: a stroke of width w has w / 2 of them
        layers += ink.sum()
        ink = ~_greatest(~np.pad(ink, 1), 1)[1:-1, 1:-1]
    width = max(4 * layers / max(area, 1) - 2, 1)
    return scale * (GROWN * max(strength.shape) - BOX * width) / (2 * BOX - 2 * GROWN)


def _thickened(strength, radius):
    """Ink grown by a disc whose edge is soft, so that the radius need not be whole."""
    reach = int(np.ceil(radius))
    grown = padded = np.pad(strength, reach)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            share = np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)
            if share and (dx or dy):
                moved = np.roll(padded, (dy, dx), axis=(0, 1))  # the margin is as wide as the longest move
                grown = np.maximum(grown, share * moved)
    return grown
