"""The strategies of transfer, their rivals, and what is made of them: the story, the report and its verdict."""

from helpers.transfer.strategies import (
    fine_tune,
    from_scratch,
    frozen_features,
    head_then_all,
    linear_probe,
    random_features,
    random_probe,
)

__all__ = [
    "fine_tune",
    "from_scratch",
    "frozen_features",
    "head_then_all",
    "linear_probe",
    "random_features",
    "random_probe",
]
