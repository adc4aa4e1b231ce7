"""The long experiments behind README and chapters: one file a study, and the engine that runs them.

python -m studies                 # all studies, and how far each has come
python -m studies census          # run what is missing of one, then write results/census.*
python -m studies --all           # the same for all of them: `make studies`
python -m studies --check census  # repeat a random sample of its stored runs
"""

from importlib import import_module

NAMES = (
    "settings",
    "curves",
    "splits",
    "letters",
    "one_shot",
    "inside_scales",
    "inside",
    "richness",
    "spoiled",
    "choices",
    "labels",
    "labels_cnn",
    "census",
    "sources",
    "layers",
    "features",
    "forgetting",
    "original",
    "story",
    "story_cnn",
    "tuning",
    "tuning_cnn",
    "keras_example",
)


def load(name):
    """The `Study` that studies/NAME.py describes."""
    return import_module(f"studies.{name}").STUDY
