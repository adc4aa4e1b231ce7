"""The recipes were chosen by the tables of an earlier version, as long as the studies of tuning have not replaced them."""

from pathlib import Path

import pandas
import pytest

from helpers.recipes import CNN, MLP, Recipe

BEFORE = Path(__file__).resolve().parent.parent / "results" / "before"


def recipe_of(row):
    """The recipe that a row of a tuning tells of."""
    filters = tuple(map(int, row["filters"].split("-"))) if "filters" in row else ()
    hidden = tuple(map(int, str(row["hidden"]).split("-")))
    settings = {"batch_size": row["batch_size"], "epochs": CNN.epochs} if filters else {}
    return Recipe(hidden, filters, dropout=row["dropout"], learning_rate=row["learning_rate"], **settings)


@pytest.mark.parametrize("chosen, table, candidates", [(MLP, "tuning", 10), (CNN, "tuning-cnn", 6)])
def test_the_recipe_was_chosen_by_validation(chosen, table, candidates):
    """It is the one with the fewest weights among those within one standard error of the best (on both tasks)."""
    rows = pandas.read_csv(BEFORE / f"{table}.csv")
    rows["recipe"] = [recipe_of(row) for _, row in rows.iterrows()]
    by_seed = rows.groupby(["recipe", "seed"], sort=False)["validation_accuracy"].agg(["mean", "size"])
    assert len(by_seed) == 3 * candidates and (by_seed["size"] == 2).all()
    scores = by_seed["mean"].groupby("recipe", sort=False).agg(["mean", "std"])
    best = scores.loc[scores["mean"].idxmax()]
    good_enough = scores.index[scores["mean"] >= best["mean"] - best["std"] / 3**0.5]
    weights = {recipe: recipe.network(5, seed=0).parameter_count() for recipe in good_enough}
    assert weights.get(chosen) == min(weights.values())
