"""Pictures that explain: what the chapters draw to teach, still or moving, from plain arrays; `plots` has measurements.

Functions return a Matplotlib figure, for `plots.show`, or the frames of an animation, for `play`.
"""

from helpers.show.pictures.backward import backpropagation, pushed_images, worked_example
from helpers.show.pictures.choices import before_and_after, bowls, film_strip, hills, learned_by_heart, scoreboard
from helpers.show.pictures.moving import animation, confusion_decaying, filter_sliding, play, templates_emerging
from helpers.show.pictures.still import activations_by_depth, decision_regions, intervals, losses, ravine, shaded_table

__all__ = [
    "activations_by_depth",
    "animation",
    "backpropagation",
    "before_and_after",
    "bowls",
    "confusion_decaying",
    "decision_regions",
    "film_strip",
    "filter_sliding",
    "hills",
    "intervals",
    "learned_by_heart",
    "losses",
    "play",
    "pushed_images",
    "ravine",
    "scoreboard",
    "shaded_table",
    "templates_emerging",
    "worked_example",
]
