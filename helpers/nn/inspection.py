"""Looking at a network: the table of its layers, and a fingerprint of their weights."""

import hashlib


def summary_table(names, layers, output_shapes):
    """Write layers, output shapes, parameters and what is trainable as a table.

    Parameters
    ----------
    names : list of str
    layers : list of Layer
    output_shapes : list of tuple of int
        Without the batch.

    Returns
    -------
    str
    """
    rows = [("layer", "type", "output shape", "parameters", "trainable")]
    total = trained = 0
    for name, layer, shape in zip(names, layers, output_shapes):
        count = sum(parameter.value.size for parameter in layer.parameters())
        total, trained = total + count, trained + count * layer.trainable
        trainable = ("yes" if layer.trainable else "frozen") if count else "-"
        rows.append((name, type(layer).__name__, f"(N, {', '.join(map(str, shape))})", f"{count:,}", trainable))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = []
    for name, kind, shape, count, trainable in rows:
        cells = zip((name, kind, shape), widths)
        lines.append("  ".join([*(f"{cell:<{width}}" for cell, width in cells), f"{count:>{widths[3]}}", trainable]))
    lines.insert(1, "-" * (sum(widths) + 2 * (len(widths) - 1)))
    lines.append(f"{total:,} parameters, {trained:,} trainable, {total - trained:,} frozen")
    return "\n".join(lines)


def fingerprint(named_layers):
    """Hash the names, kinds and exact values of some layers.

    Parameters
    ----------
    named_layers : list of (str, Layer)

    Returns
    -------
    str
        The first 16 hexadecimal digits of a SHA-256.
    """
    digest = hashlib.sha256()
    for name, layer in named_layers:
        digest.update(repr((name, layer)).encode())
        for parameter in layer.parameters():
            digest.update(str((parameter.value.dtype, parameter.value.shape)).encode())
            digest.update(parameter.value.tobytes())
    return digest.hexdigest()[:16]
