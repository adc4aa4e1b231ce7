"""`Network`: how it is built, shown, frozen, cut, copied and given new heads."""

import copy
import pickle

import numpy as np
import pytest

from helpers import Dense, Dropout, Network, ReLU, softmax_cross_entropy


def small(dropout=0.0, dtype="float32"):
    return Network.mlp(6, 5, 4, classes=3, seed=0, dropout=dropout, dtype=dtype)


X = np.random.default_rng(0).normal(size=(7, 6)).astype("float32")


# --- building ----------------------------------------------------------------------------------------------------


def test_mlp_names_its_layers_in_order():
    assert small(0.5).names == ["hidden1", "relu1", "dropout1", "hidden2", "relu2", "dropout2", "head"]
    assert small().names == ["hidden1", "relu1", "hidden2", "relu2", "head"]
    assert Network.mlp(6, classes=3, seed=0).names == ["head"]
    assert small().classes == 3


def test_the_same_seed_builds_the_same_network():
    assert small().fingerprint() == small().fingerprint() != Network.mlp(6, 5, 4, classes=3, seed=1).fingerprint()


def test_layers_that_do_not_fit_are_both_named_with_their_shapes():
    message = r"layer 'second' does not fit layer 'relu': Dense\(7 -> 2\) takes inputs of shape \(7,\), not \(5,\)"
    with pytest.raises(ValueError, match=message):
        Network([("first", Dense(6, 5, 0)), ("relu", ReLU()), ("second", Dense(7, 2, 0))], (6,))


def test_a_first_layer_that_does_not_fit_the_input_is_named():
    with pytest.raises(ValueError, match=r"layer 'first' does not fit the input of shape \(28, 28\)"):
        Network([("first", Dense(6, 5, 0))], (28, 28))


@pytest.mark.parametrize(
    "layers, dtype, message",
    [
        ([], "float32", "at least one layer"),
        ([("a", ReLU()), ("a", ReLU())], "float32", "a name of its own, but a is used twice"),
        ([("a", ReLU())], "int32", "a floating-point type such as float32, not int32"),
        ([("a", Dense(6, 2, 0, "float64"))], "float32", "all parameters of a float32 network must be float32"),
        ([("", ReLU())], "float32", "the name of a layer must be a printable str, not ''"),
        ([(1, ReLU())], "float32", "the name of a layer must be a printable str, not 1"),
    ],
)
def test_what_makes_no_network_is_refused(layers, dtype, message):
    with pytest.raises(ValueError, match=message):
        Network(layers, (6,), dtype)


# --- looking at it -----------------------------------------------------------------------------------------------


def test_repr_reads_like_the_architecture():
    assert repr(small(0.5).freeze("hidden1")) == (
        "Network((6,) -> (3,), float32\n"
        "  hidden1   Dense(6 -> 5)  frozen\n"
        "  relu1     ReLU()\n"
        "  dropout1  Dropout(rate=0.5)\n"
        "  hidden2   Dense(5 -> 4)\n"
        "  relu2     ReLU()\n"
        "  dropout2  Dropout(rate=0.5)\n"
        "  head      Dense(4 -> 3)\n"
        ")"
    )


def test_summary_counts_what_is_trainable():
    # 6·5 + 5 = 35, 5·4 + 4 = 24, 4·3 + 3 = 15
    assert small().freeze(upto="relu1").summary() == (
        "layer    type   output shape  parameters  trainable\n"
        "---------------------------------------------------\n"
        "hidden1  Dense  (N, 5)                35  frozen\n"
        "relu1    ReLU   (N, 5)                 0  -\n"
        "hidden2  Dense  (N, 4)                24  yes\n"
        "relu2    ReLU   (N, 4)                 0  -\n"
        "head     Dense  (N, 3)                15  yes\n"
        "74 parameters, 39 trainable, 35 frozen"
    )


def test_parameters_are_counted_and_listed_from_input_to_output():
    network = small().freeze("hidden2")
    assert network.parameter_count(trainable_only=False) == 74 and network.parameter_count() == 50
    assert [p.value.shape for p in network.parameters()] == [(6, 5), (5,), (4, 3), (3,)]
    assert len(network.parameters(trainable_only=False)) == 6


def test_a_network_knows_its_layers_by_name():
    network = small()
    assert "hidden1" in network and "hidden9" not in network and 3 not in network
    assert list(network) == network.names and len(network) == len(network.layers)
    assert [network[name] for name in network] == network.layers


def test_a_twin_shares_the_values_and_has_gradients_of_its_own():
    network = small().freeze("hidden2")
    twin = network.twin()
    for mine, theirs in zip(network.parameters(), twin.parameters(), strict=True):
        assert np.shares_memory(theirs.value, mine.value) and not np.shares_memory(theirs.grad, mine.grad)
    before = network.fingerprint()
    twin["head"].bias.value[0] = 3.0
    assert network.fingerprint() == twin.fingerprint() != before


def test_what_is_kept_does_not_change_the_new_values_of_the_other_layers():
    network = small()
    whole, top = network.reinitialized(seed=3), network.reinitialized(seed=3, after="hidden1")
    assert top.fingerprint("hidden2", "head") == whole.fingerprint("hidden2", "head")
    assert top.fingerprint("hidden1") == network.fingerprint("hidden1") != whole.fingerprint("hidden1")


def test_layers_are_found_by_name_and_a_wrong_name_lists_the_right_ones():
    network = small()
    assert network["hidden2"] is network.layers[2]
    for call in (network.__getitem__, network.freeze, network.unfreeze, network.fingerprint):
        with pytest.raises(KeyError, match="there is no layer 'hiden'; the layers are: hidden1, relu1"):
            call("hiden")


@pytest.mark.parametrize("layer", ["hidden1", "hidden2", "head"])
@pytest.mark.parametrize("parameter", [0, 1], ids=["weights", "bias"])
def test_the_fingerprint_changes_with_the_last_bit_of_any_weight_of_its_layers_only(layer, parameter):
    network = small()
    before = {name: network.fingerprint(name) for name in network.names}
    whole = network.fingerprint()
    value = network[layer].parameters()[parameter].value
    value.flat[0] = np.nextafter(value.flat[0], np.float32(np.inf))
    assert network.fingerprint() != whole
    assert {name for name in network.names if network.fingerprint(name) != before[name]} == {layer}


def test_the_fingerprint_does_not_depend_on_what_is_frozen_or_was_computed():
    network = small()
    before = network.fingerprint()
    network.freeze("hidden1").forward(X, training=True)
    assert network.fingerprint() == before


# --- computing ---------------------------------------------------------------------------------------------------


def test_forward_equals_the_formula_written_out():
    network = small()
    (w1, b1), (w2, b2), (w3, b3) = (
        [p.value for p in network[name].parameters()] for name in ("hidden1", "hidden2", "head")
    )
    expected = np.maximum(np.maximum(X @ w1 + b1, 0) @ w2 + b2, 0) @ w3 + b3
    assert np.allclose(network.forward(X), expected, atol=1e-6)


@pytest.mark.parametrize(
    "x, error, message",
    [
        (np.zeros((2, 5), "float32"), ValueError, r"layer 'hidden1' takes a batch of shape \(N, 6\), not \(2, 5\)"),
        (np.zeros(6, "float32"), ValueError, r"takes a batch of shape \(N, 6\), not \(6,\)"),
        (np.zeros((2, 6), "uint8"), TypeError, "floating-point numbers, not uint8"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(x, error, message):
    with pytest.raises(error, match=message):
        small().forward(x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_network_decides_the_type_of_all_work(dtype):
    network = small(0.5, dtype)
    logits = network.forward(X.astype("float64"), training=True, rng=np.random.default_rng(0))
    network.backward(softmax_cross_entropy(logits, np.zeros(7, int))[1])
    assert logits.dtype == dtype and all(p.grad.dtype == dtype for p in network.parameters())


def backward_calls(network):
    """The layers whose backward ran, and whether each was asked for its input's gradient."""
    calls = {}
    for name, layer in zip(network.names, network.layers):

        def spy(grad, input_grad=True, name=name, original=layer.backward):
            calls[name] = input_grad
            return original(grad, input_grad)

        layer.backward = spy
    logits = network.forward(X, training=True, rng=np.random.default_rng(0))
    network.backward(np.ones_like(logits))
    return calls


@pytest.mark.parametrize(
    "frozen, reached",
    [
        ((), ["hidden1", "relu1", "hidden2", "relu2", "head"]),
        (("hidden1",), ["hidden2", "relu2", "head"]),
        (("hidden1", "hidden2"), ["head"]),
        (("hidden2",), ["hidden1", "relu1", "hidden2", "relu2", "head"]),
        (("hidden1", "hidden2", "head"), []),
    ],
)
def test_the_backward_pass_stops_at_the_first_trainable_layer(frozen, reached):
    network = small()
    if frozen:
        network.freeze(*frozen)
    calls = backward_calls(network)
    assert list(reversed(calls)) == reached
    assert [calls[name] for name in reached] == [False, True, True, True, True][: len(reached)]


def test_dropout_below_the_first_trainable_layer_is_off_even_in_training():
    network = small(0.5).freeze(upto="hidden2")  # its dropout1 is below, its dropout2 is not
    rng = np.random.default_rng(0)
    by_hand = X
    for name in ("hidden1", "relu1", "dropout1", "hidden2", "relu2", "dropout2", "head"):
        if name == "head":
            break
        by_hand = network[name].forward(by_hand)
    assert np.array_equal(network.forward(X, training=True, rng=rng), network["head"].forward(by_hand))
    network.unfreeze("hidden2")
    noisy = [network.forward(X, training=True, rng=rng) for _ in range(2)]
    assert not np.array_equal(noisy[0], noisy[1])


def test_cut_is_below_the_first_trainable_layer_and_shares_the_layers():
    network = small().freeze(upto="hidden1")
    frozen, trained = network.cut()
    assert frozen.names == ["hidden1", "relu1"] and trained.names == ["hidden2", "relu2", "head"]
    assert all(layer in network.layers for layer in frozen.layers + trained.layers)
    assert np.array_equal(trained.forward(frozen.forward(X)), network.forward(X))


def test_a_side_without_layers_is_none():
    assert small().cut()[0] is None
    assert small().freeze(upto="head").cut()[1] is None


# --- freezing ----------------------------------------------------------------------------------------------------


def frozen_layers(network):
    return [name for name, layer in zip(network.names, network.layers) if not layer.trainable]


def test_layers_freeze_by_name_or_up_to_one_and_thaw_again():
    network = small()
    assert network.freeze("head") is network and frozen_layers(network) == ["head"]
    assert frozen_layers(network.freeze(upto="hidden2")) == ["hidden1", "relu1", "hidden2", "head"]
    assert frozen_layers(network.unfreeze(upto="relu1")) == ["hidden2", "head"]
    assert frozen_layers(network.unfreeze("head")) == ["hidden2"]
    assert frozen_layers(network.unfreeze()) == []


def test_freezing_nothing_is_a_mistake_and_changes_nothing():
    network = small()
    with pytest.raises(ValueError, match="name the layers to freeze"):
        network.freeze()
    with pytest.raises(KeyError):
        network.freeze("hidden1", "hiden2")
    assert frozen_layers(network) == []


# --- other networks of it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda network: network.copy(),
        lambda network: network.astype("float64"),
        lambda network: network.with_new_head(4, seed=1),
        lambda network: network.with_head_of(Network.mlp(4, classes=2, seed=5)),
        lambda network: network.reinitialized(seed=1),
        lambda network: network.reinitialized(seed=1, after="hidden1"),
    ],
    ids=["copy", "astype", "with_new_head", "with_head_of", "reinitialized", "reinitialized after"],
)
def test_every_network_made_of_another_shares_no_number_with_it(make):
    network = small(0.5).freeze("hidden1")
    before, twin = network.fingerprint(), make(network)
    assert not twin["hidden1"].trainable  # what is frozen stays so
    for parameter in twin.parameters(trainable_only=False):
        parameter.value += 1
    twin.unfreeze()
    assert network.fingerprint() == before and frozen_layers(network) == ["hidden1"]


def test_a_copy_is_equal_and_works_without_a_forward_pass_before():
    network = small()
    assert network.copy().fingerprint() == network.fingerprint()
    assert network.astype("float64").forward(X).dtype == np.float64


def test_a_new_head_is_fresh_and_trainable_and_the_rest_stays():
    network = small().freeze(upto="head")
    other = network.with_new_head(classes=7, seed=1)
    assert other.classes == 7 and other["head"].trainable
    assert other.fingerprint(*network.names[:-1]) == network.fingerprint(*network.names[:-1])
    assert other.fingerprint() != network.with_new_head(classes=7, seed=2).fingerprint()


def test_the_head_of_another_network_comes_with_its_values():
    network, donor = small(), Network.mlp(6, 9, 4, classes=5, seed=3)
    assert network.with_head_of(donor).fingerprint("head") == donor.fingerprint("head")


def test_a_head_that_does_not_fit_is_refused_with_both_layers_named():
    with pytest.raises(ValueError, match="layer 'head' does not fit layer 'relu2'"):
        small().with_head_of(Network.mlp(6, 9, classes=5, seed=3))


def test_a_network_without_a_dense_head_has_none_to_replace():
    network = Network([("only", ReLU())], (6,))
    with pytest.raises(ValueError, match="the last layer, 'only', is not a Dense layer"):
        network.with_new_head(3, seed=0)


def test_reinitialized_layers_are_random_and_those_up_to_the_named_one_kept():
    network = small()
    network["head"].bias.value += 1
    fresh = network.reinitialized(seed=1, after="hidden1")
    assert fresh.fingerprint("hidden1") == network.fingerprint("hidden1")
    for name in ("hidden2", "head"):
        assert fresh.fingerprint(name) != network.fingerprint(name)
        assert not fresh[name].bias.value.any()
    assert network.reinitialized(seed=1).fingerprint("hidden1") != network.fingerprint("hidden1")
    assert Dropout(0.5).parameters() == []


# --- one vector --------------------------------------------------------------------------------------------------


def test_all_values_lie_in_one_vector_in_the_order_of_the_layers():
    network = small()
    assert np.array_equal(
        network.values, np.concatenate([p.value.ravel() for p in network.parameters(trainable_only=False)])
    )
    network.values[:], network.gradients[:] = 3, 4
    assert all((p.value == 3).all() and (p.grad == 4).all() for p in network.parameters())


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_a_copy_by_python_is_a_network_of_its_own_whose_layers_are_views_again(copied):
    network = small()
    other = copied(network)
    other.values[...] = 1
    assert all((p.value == 1).all() for p in other.parameters())
    assert network.fingerprint() == small().fingerprint() != other.fingerprint()


def test_a_layer_belongs_to_one_network():
    network = small()
    with pytest.raises(ValueError, match=r"part of another already.*layer\.copy\(dtype\).*network\.body\(\)"):
        Network(list(zip(network.names, network.layers)), network.input_shape)
    with pytest.raises(ValueError, match="part of another already"):
        copy.copy(network)


@pytest.mark.parametrize(
    "frozen, expected",
    [((), 1), (("hidden1",), 1), (("head",), 1), (("hidden2",), 2), (("hidden1", "hidden2", "head"), 0)],
)
def test_stretches_hold_what_is_trained_and_nothing_else(frozen, expected):
    network = small()
    if frozen:
        network.freeze(*frozen)
    stretches = network.stretches()
    assert len(stretches) == expected
    for stretch in stretches:
        stretch.value, stretch.grad = 7, 8
    for name in network:
        for parameter in network[name].parameters():
            assert (parameter.value == 7).all() == (name not in frozen) == (parameter.grad == 8).all()


def test_the_body_is_an_independent_copy_of_all_layers_but_the_head():
    network = small().freeze("hidden1")
    body = network.body()
    assert body.names == network.names[:-1] and not body["hidden1"].trainable
    assert np.array_equal(
        body.forward(X) @ network["head"].weights.value + network["head"].bias.value, network.forward(X)
    )
    body.values[...] = 0
    assert network.fingerprint() == small().fingerprint()
    with pytest.raises(ValueError, match="this network is all head"):
        Network.mlp(4, classes=2, seed=0).body()


def test_predict_gives_the_class_with_the_largest_logit_of_images_and_of_batches(odd, trained):
    expected = trained.forward(odd.test.inputs((784,))).argmax(axis=1)
    assert (trained.predict(odd.test.images) == expected).mean() > 0.999  # rounding may decide between equals
    assert (trained.predict(odd.test.inputs((784,))) == expected).mean() > 0.999
    assert trained.predict(odd.test.images[:0]).shape == (0,)


@pytest.mark.parametrize("name", ["fit", "evaluate", "compile", "save", "state_dict", "trainable"])
def test_names_from_other_libraries_are_answered_with_the_line_that_does_it_here(name):
    with pytest.raises(AttributeError, match=f"a Network has no '{name}'; here it is .*network"):
        getattr(small(), name)
    assert not hasattr(small(), "no_such_thing")
