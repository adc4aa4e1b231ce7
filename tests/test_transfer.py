"""The strategies: what each keeps to the last bit, what each trains, and that none touches its source."""

import numpy as np
import pytest
from support import interrupt_at

from helpers import Adam, Network, digit_task, evaluate
from helpers.nn import training
from helpers.transfer import strategies
from helpers.transfer.baselines import predict, softmax_regression
from helpers.transfer.recipes import Recipe
from helpers.transfer.strategies import (
    fine_tune,
    from_scratch,
    frozen_features,
    head_then_all,
    linear_probe,
    random_features,
    random_probe,
)

DENSE = ("hidden1", "hidden2", "head")
OPTIONS = {"seed": 0, "steps": 8, "progress": False}

# Each strategy, the layers whose values it keeps from the source, and the layers that stay frozen in the end.
STRATEGIES = {
    "from scratch": (from_scratch, {}, set(), set()),
    "frozen 1": (frozen_features, {"upto": "hidden1"}, {"hidden1"}, {"hidden1"}),
    "frozen 2": (frozen_features, {"upto": "relu2"}, {"hidden1", "hidden2"}, {"hidden1", "hidden2"}),
    "frozen 1, new top": (frozen_features, {"upto": "relu1", "new_top": True}, {"hidden1"}, {"hidden1"}),
    "random 1": (random_features, {"upto": "hidden1"}, set(), {"hidden1"}),
    "random 2": (random_features, {"upto": "relu2"}, set(), {"hidden1", "hidden2"}),
    "fine-tune": (fine_tune, {}, set(), set()),
    "head, then all": (head_then_all, {}, set(), set()),
}


@pytest.fixture(scope="module")
def few(even):
    return even.train.subset(per_class=20, seed=0)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("frozen_before", [(), ("hidden1", "head")], ids=["", "source partly frozen"])
def test_each_strategy_keeps_and_freezes_what_it_says_and_leaves_its_source_alone(few, trained, name, frozen_before):
    strategy, options, kept, frozen = STRATEGIES[name]
    source = trained.copy()
    if frozen_before:
        source.freeze(*frozen_before)
    network, history = strategy(source, few, **options, **OPTIONS)
    assert {layer for layer in DENSE if network.fingerprint(layer) == source.fingerprint(layer)} == kept
    assert {layer for layer in DENSE if not network[layer].trainable} == frozen
    assert (
        history.steps == (10 if strategy is head_then_all else 8)
        and history.labels_used == 100
        and not history.interrupted
    )
    assert source.fingerprint() == trained.fingerprint()
    assert [source[layer].trainable for layer in DENSE] == [layer not in frozen_before for layer in DENSE]


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_same_seed_gives_the_same_network_and_another_seed_another(few, trained, name):
    strategy, options, _, _ = STRATEGIES[name]
    fingerprints = [
        strategy(trained, few, **options, **{**OPTIONS, "seed": seed})[0].fingerprint() for seed in (0, 0, 1)
    ]
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]


def untrained(strategy, source, part, **options):
    """What a strategy starts from: the network after one step of a learning rate of zero."""
    return strategy(source, part, **options, **{**OPTIONS, "steps": 1, "schedule": lambda progress: 0.0}).network


@pytest.mark.parametrize(
    "strategy, options, from_source",
    [
        (from_scratch, {}, set()),
        (frozen_features, {"upto": "hidden1"}, {"hidden1", "hidden2"}),
        (frozen_features, {"upto": "hidden1", "new_top": True}, {"hidden1"}),
        (random_features, {"upto": "hidden1"}, set()),
        (fine_tune, {}, {"hidden1", "hidden2"}),
    ],
)
def test_each_strategy_starts_from_the_source_or_from_random_values_but_always_with_a_new_head(
    few, trained, strategy, options, from_source
):
    start = untrained(strategy, trained, few, **options)
    assert {layer for layer in DENSE if start.fingerprint(layer) == trained.fingerprint(layer)} == from_source


def test_random_features_stay_at_the_random_values_they_were_given(few, trained):
    start = untrained(random_features, trained, few, upto="hidden2")
    network, _ = random_features(trained, few, upto="hidden2", **OPTIONS)
    assert network.fingerprint("hidden1", "hidden2") == start.fingerprint("hidden1", "hidden2")
    assert network.fingerprint("head") != start.fingerprint("head")


@pytest.mark.parametrize("unit, total, head", [("steps", 1, 1), ("steps", 8, 2), ("epochs", 5, 1), ("epochs", 8, 2)])
def test_head_then_all_trains_the_head_alone_and_then_all_layers_as_fine_tuning_does(
    few, trained, monkeypatch, unit, total, head
):
    calls, fit = [], strategies.fit

    def spy(network, part, **options):
        before, count = network.fingerprint("hidden1", "hidden2"), network.parameter_count()
        history = fit(network, part, **options)
        calls.append((options[unit], count, network.fingerprint("hidden1", "hidden2") == before))
        return history

    monkeypatch.setattr(strategies, "fit", spy)
    options = {"seed": 0, unit: total, "batch_size": 20, "progress": False}
    network, history = head_then_all(trained, few, **options)
    assert calls == [(head, 16 * 5 + 5, True), (total, network.parameter_count(), False)]
    assert getattr(history, unit) == head + total


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("step", [1, 2, 8])
def test_an_interrupted_strategy_gives_no_result_that_could_be_taken_for_a_finished_one(few, trained, name, step):
    strategy, options, _, _ = STRATEGIES[name]
    with pytest.warns(UserWarning, match="interrupted"), pytest.raises(KeyboardInterrupt, match="there is no result"):
        strategy(trained, few, **options, **{**OPTIONS, "schedule": interrupt_at(step)})


def values(network, *names):
    return {(name, p.name): p.value.tolist() for name in names for p in network[name].parameters()}


def test_strategies_of_one_seed_share_the_random_layers_the_head_and_the_order_of_the_images(few, trained):
    """Only then does a comparison see the strategy and nothing else."""
    scratch = untrained(from_scratch, trained, few)
    tuned = untrained(fine_tune, trained, few)
    frozen = untrained(frozen_features, trained, few, upto="hidden1")
    random = untrained(random_features, trained, few, upto="hidden1")
    new_top = untrained(frozen_features, trained, few, upto="hidden1", new_top=True)
    for other in (tuned, frozen, random, new_top):
        assert values(other, "head") == values(scratch, "head")
    assert values(random, "hidden1", "hidden2") == values(scratch, "hidden1", "hidden2")
    assert values(new_top, "hidden2") == values(scratch, "hidden2")


def test_strategies_of_one_seed_see_the_images_in_the_same_order(few, trained, monkeypatch):
    orders, minibatches = [], training.minibatches

    def spy(count, batch_size, rng):
        for rows in minibatches(count, batch_size, rng):
            orders[-1].append(rows.tolist())
            yield rows

    monkeypatch.setattr(training, "minibatches", spy)
    for strategy, options, _, _ in STRATEGIES.values():
        orders.append([])
        strategy(trained, few, **options, **OPTIONS, batch_size=20)
    assert len(orders[0]) == 8 and all(order[-8:] == orders[0] for order in orders)  # the head alone came before that


def test_the_watcher_counts_through_both_trainings_of_head_then_all(few, trained):
    steps = []
    head_then_all(trained, few, **OPTIONS, watch=lambda step, loss, network: steps.append(step))
    assert steps == list(range(1, 11))


@pytest.mark.parametrize("last", [1, 2, 3, 5])
def test_the_watcher_can_end_either_training_of_head_then_all(few, trained, last):
    network, history = head_then_all(trained, few, **OPTIONS, watch=lambda step, loss, network: step == last)
    assert history.steps == last and history.stopped and not history.interrupted
    assert all(network[layer].trainable for layer in DENSE)


def test_the_optimizer_of_head_then_all_starts_afresh_for_all_layers(few, trained):
    """So what the body learns differs from fine-tuning by the head that it starts with, and by nothing else."""
    options = {**OPTIONS, "optimizer": Adam(1e-9), "steps": 4}  # too small a rate to move a head
    assert head_then_all(trained, few, **options).network["head"].bias.value == pytest.approx(
        fine_tune(trained, few, **{**options, "optimizer": Adam(1e-9)}).network["head"].bias.value, abs=1e-8
    )
    assert options["optimizer"].steps == 4


def test_all_strategies_take_what_a_recipe_says(few, trained):
    recipe = Recipe(hidden=(32, 16), epochs=2)
    for strategy, options, _, _ in STRATEGIES.values():
        assert strategy(trained, few, seed=0, **options, **recipe.options(), progress=False).history.epochs >= 2


@pytest.mark.parametrize("options", [{}, {"epochs": 4, "steps": 4}, {"steps": 0}, {"epochs": 2.5}], ids=str)
def test_head_then_all_refuses_times_that_make_no_sense(few, trained, options):
    with pytest.raises(ValueError, match="by epochs or by steps|whole number of at least 1"):
        head_then_all(trained, few, seed=0, progress=False, **options)


def test_a_probe_is_softmax_regression_on_what_the_last_hidden_layer_makes_of_the_images(few, even, trained):
    body = trained.body()
    weights = softmax_regression(body.forward(few.inputs((784,))), few.labels, 5)
    images = even.validation.subset(50, seed=0)
    expected = predict(weights, body.forward(images.inputs((784,))))
    network, history = linear_probe(trained, few, seed=0)
    assert np.array_equal(evaluate(network, images).predictions, expected)
    assert {layer for layer in DENSE if network[layer].trainable} == {"head"} and history.labels_used == 100
    assert network.fingerprint("hidden1", "hidden2") == trained.fingerprint("hidden1", "hidden2")
    assert linear_probe(trained, few, seed=1).network.fingerprint() == network.fingerprint()
    random, start = random_probe(trained, few, seed=0).network, untrained(random_features, trained, few, upto="hidden2")
    assert random.fingerprint("hidden1", "hidden2") == start.fingerprint("hidden1", "hidden2")


def test_the_table_says_of_each_strategy_what_it_does(few, trained):
    for key, strategy in strategies.STRATEGIES.items():
        options = {"seed": 0} if strategy.cut == "body" else {**OPTIONS, **strategy.cut_at("hidden1")}
        network = strategy.function(trained, few, **options).network
        other = strategy.function(trained.reinitialized(seed=9), few, **options).network
        assert strategy.needs_source == (network.fingerprint() != other.fingerprint()), key
        frozen = {"": set(), "layer": {"hidden1"}, "body": {"hidden1", "hidden2"}}[strategy.cut]
        assert {layer for layer in DENSE if not network[layer].trainable} == frozen, key
    assert list(strategies.STRATEGIES) == [
        *("scratch", "fine-tune", "head-then-all", "frozen", "random", "probe", "random-probe")
    ]
    methods = strategies.METHODS.values()
    for texts in zip(*((method.key, method.name, method.label, method.look) for method in methods)):
        assert len(set(texts)) == len(methods)


@pytest.mark.parametrize("strategy, options", [(head_then_all, {"steps": 4}), (linear_probe, {})])
def test_a_source_that_is_all_head_has_nothing_to_keep(few, strategy, options):
    with pytest.raises(ValueError, match="this source is all head.*use from_scratch or fine_tune"):
        strategy(Network.mlp(784, classes=5, seed=0), few, seed=0, **options)


@pytest.mark.parametrize("strategy", [frozen_features, random_features])
def test_freezing_the_head_too_leaves_nothing_to_train(few, trained, strategy):
    with pytest.raises(ValueError, match="all layers are frozen"):
        strategy(trained, few, upto="head", **OPTIONS)


@pytest.mark.parametrize("strategy", [frozen_features, random_features])
def test_a_wrong_layer_is_named_with_the_right_ones(few, trained, strategy):
    with pytest.raises(KeyError, match="no layer 'hidden9'; the layers are: hidden1, relu1"):
        strategy(trained, few, upto="hidden9", **OPTIONS)


def test_the_new_task_may_have_another_number_of_classes(mnist, trained):
    part = digit_task(mnist, (0, 2, 4)).train.subset(per_class=5, seed=0)
    for strategy, options, _, _ in STRATEGIES.values():
        assert strategy(trained, part, **options, **OPTIONS)[0].classes == 3


def test_fine_tuning_forgets_the_first_task_and_freezing_everything_below_the_head_does_not(odd, even, trained):
    part = even.train.subset(per_class=100, seed=0)
    options = {"seed": 0, "epochs": 15, "progress": False}
    knew = evaluate(trained, odd.validation).accuracy
    tuned = fine_tune(trained, part, **options).network.with_head_of(trained)
    probed = frozen_features(trained, part, upto="relu2", **options).network.with_head_of(trained)
    assert evaluate(tuned, odd.validation).accuracy < knew - 0.05
    assert probed.fingerprint() == trained.fingerprint()


def test_transfer_works_the_other_way_round_too(odd, even):
    few_even, few_odd = even.train.subset(per_class=100, seed=0), odd.train.subset(per_class=50, seed=0)
    options = {"seed": 0, "epochs": 15, "batch_size": 16, "progress": False}
    source = from_scratch(Network.mlp(784, 32, 16, classes=5, seed=0), few_even, **options).network
    network, history = fine_tune(source, few_odd, **options)
    assert history.loss[-1] < history.loss[0] / 2
    assert evaluate(network, odd.validation).accuracy > 0.7  # guessing gives 0.2
