"""Pictures that explain: what the chapters draw to teach, still or moving, from plain arrays; `plots` has measurements.

Functions return a Matplotlib figure, for `plots.show`, or the frames of an animation, for `play`.
"""

from helpers.show.pictures.backward import backpropagation, pushed_images, worked_example
from helpers.show.pictures.moving import animation, confusion_decaying, filter_sliding, play, templates_emerging
from helpers.show.pictures.still import activations_by_depth, decision_regions, intervals, losses, ravine, shaded_table

__all__ = [
    "activations_by_depth",
    "animation",
    "backpropagation",
    "confusion_decaying",
    "decision_regions",
    "filter_sliding",
    "intervals",
    "losses",
    "play",
    "pushed_images",
    "ravine",
    "shaded_table",
    "templates_emerging",
    "worked_example",
]
