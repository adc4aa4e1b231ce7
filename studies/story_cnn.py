"""Story of the convolutional network: what `python main.py --model cnn` prints, five times over.

Question
    As in `story`, but for a convolutional network, whose convolutions are what is frozen.

Conditions
    The rows of `python main.py --model cnn` for seeds 0 to 4, odd → even. All rows of one seed come from one story.

Controls
    Training from scratch; convolutions frozen at random values; softmax regression on the pixels.

Readout
    As in `story`, seed by seed beside it. Both convolutions frozen leave most of this network's weights to be trained
    and the perceptron's first layer leaves few, so the two cannot be compared without more: see `labels_cnn`.

Cost
    About 11 minutes on two cores.
"""

from dataclasses import replace

from helpers.transfer.recipes import CNN, SOFTMAX
from studies import story

STUDY = replace(
    story.STUDY,
    name="story_cnn",
    question="What does main.py --model cnn find with other seeds?",
    settings={"cnn": CNN, "softmax": SOFTMAX},
    runs=tuple(story.runs("cnn", (story.ODD_TO_EVEN,))),
)
