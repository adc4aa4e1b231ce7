"""Chapter 0: how many numbers are trained, and the head first."""

import numpy as np

from helpers.exercises import NotYet, exercise

HEAD, ALL = {"W2", "b2"}, {"W1", "b1", "W2", "b2"}


@exercise("0.1")
def _count(count):
    network = {"W1": np.zeros((784, 128)), "b1": np.zeros(128), "W2": np.zeros((128, 5)), "b2": np.zeros(5)}
    everything, head = count(network, ("W1", "b1", "W2", "b2")), count(network, ("W2", "b2"))
    if (everything, head) == (4, 2):
        raise NotYet("It counted the arrays. How many numbers are in them?")
    if (everything, head) == (784 * 128 + 128 * 5, 128 * 5):
        raise NotYet(f"For the head it gave {head}: are the weights all that training changes?")
    if head == everything:
        raise NotYet(f"It gave {head} for the head alone, and as many for all. What is `trainable` for?")
    if (everything, head) != (784 * 128 + 128 + 128 * 5 + 5, 128 * 5 + 5):
        raise NotYet(
            f"It gave {everything} for all and {head} for the head. Add up by hand what the head has: W2 and b2."
        )
    return f"{head} of {everything:,}: with fifty labels, so few may be a blessing or too few. The picture says which."


@exercise("0.2")
def _head_first(head_first):
    calls = []

    def train(network, x, y, epochs, seed, trainable=ALL, **options):
        calls.append((network, epochs, set(trainable)))
        return {**network, "trained": len(calls)}

    start = dict.fromkeys(ALL, 0.0)
    end = head_first(train, start, np.zeros((10, 784)), np.zeros(10, int), 50, 0)
    if len(calls) != 2:
        raise NotYet(f"It called `train` {len(calls)} times, not twice.")
    (_, first, names), (again, second, then) = calls
    if names != HEAD or then != ALL:
        raise NotYet(
            f"It trained {sorted(names)} first and then {sorted(then)}. Which is the head, and when is its turn?"
        )
    if "trained" not in again:
        raise NotYet(
            "The second training began with the network as it was before the first. Where did that one's result go?"
        )
    if first + second != 50:
        raise NotYet(f"It trained for {first + second} epochs in all, not 50: more than its rivals would be unfair.")
    if not isinstance(end, dict) or end.get("trained") != 2:
        raise NotYet("What it returns is not the network that came out of the second training.")
    return "Now eight pairs with 3 labels: is the interval clear of zero?"
