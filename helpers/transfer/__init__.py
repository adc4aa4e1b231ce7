"""The strategies of transfer, their rivals, and what is made of them: the story, the report and its verdict."""

from helpers.transfer.strategies import fine_tune, from_scratch, frozen_features, head_then_all, random_features

__all__ = ["fine_tune", "from_scratch", "frozen_features", "head_then_all", "random_features"]
