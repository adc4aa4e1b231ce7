"""Where a split lies among all 252: found, said honestly, and no more than the table holds."""

import csv
import itertools

import pytest

from helpers.transfer.census import in_words, look_up, others, split_name, split_of

TARGETS = ["".join(digits) for digits in itertools.combinations("0123456789", 5)]


@pytest.fixture
def path(tmp_path):
    """A census in which fine-tuning gains a point for each even digit of the source and loses two with none."""
    rows = []

    def add(target, strategy, accuracy, source="", labels=10, network="small", seed=0):
        rows.append(["census", source, target, strategy, labels, seed, 0, network, f"{accuracy:.6f}"])

    for target, seed in itertools.product(TARGETS, (0, 1)):
        source = others(target)
        even = sum(digit in "02468" for digit in source)
        for strategy, gain in {"scratch": 0, "fine-tune": 0.01 * even or -0.02, "frozen": -0.01, "random": 0}.items():
            kept = source if strategy in ("fine-tune", "frozen") else ""
            add(target, strategy, 0.8 + gain + 0.1 * seed, kept, seed=seed)
            add(target, strategy, 0.1, kept, labels=100)  # what follows is no part of the census proper
            add(target, strategy, 0.1, kept, network="readme")
        add(target, "kernel", 0.9, network="")
        add(target, "fine-tune", 0.1, source[1:])
    return write(tmp_path / "census.csv", rows)


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        names = "study,source,target,strategy,labels,seed,draw,network,test_accuracy".split(",")
        csv.writer(file, lineterminator="\n").writerows([names, *rows])
    return path


def test_a_split_is_looked_up_by_its_source_in_any_order(path):
    places = look_up("86420", path)
    assert list(places) == ["scratch", "fine-tune", "frozen", "random", "kernel"]
    best = places["fine-tune"]
    assert (best.accuracy, best.gain, best.median) == pytest.approx((0.9, 0.05, 0.025))
    assert (best.rank, best.splits) == (1, 252)
    assert look_up("02468", path)["fine-tune"] == best
    assert look_up("13579", path)["fine-tune"].rank == 252
    assert look_up("02461", path)["fine-tune"].rank == 2  # as for all 25 with four even digits
    assert look_up("02413", path)["fine-tune"].rank == 1 + 1 + 25
    assert places["frozen"].gain == pytest.approx(-0.01) and places["frozen"].rank == 1  # as for all splits
    assert places["kernel"].gain == pytest.approx(0.05)
    assert places["scratch"].accuracy == pytest.approx(0.85) and places["scratch"].rank != places["scratch"].rank


def test_the_sentence_says_gain_rank_and_median_and_what_was_measured(path):
    assert in_words("02468", path=path) == (
        "With ten labels a class, a small network, all layers fine-tuned, gains 5.0 points from even to odd: rank 1 of 252 splits"
        " (1 = the largest gain over training from scratch); the median split gains 2.5. Six runs a split make ranks rough."
    )
    said = in_words("97531", "frozen", path)
    assert "first layer frozen, loses 1.0 points from odd to even" in said and "median split loses 1.0." in said
    assert "loses 2.0 points" in in_words("13579", path=path)


def test_a_loss_that_rounds_to_nothing_is_none(path):
    text = path.read_text().replace(",0.780000", ",0.799900").replace(",0.880000", ",0.899900")
    path.write_text(text)
    assert "gains 0.0 points" in in_words("13579", path=path)


@pytest.mark.parametrize("source", ["1234", "11234", "012345", "odd", "", "0147٨", "01 47"])
def test_what_is_no_split_is_an_error(path, source):
    with pytest.raises(ValueError, match="five different digits of its source, such as 01478, not"):
        look_up(source, path)


def test_a_split_has_a_name():
    assert split_of("87410") == ("01478", "23569")
    assert [split_name(source) for source in ("87410", "31579")] == ["from 01478 to 23569", "from odd to even"]


def test_a_missing_table_is_an_error_that_names_the_command(tmp_path):
    with pytest.raises(FileNotFoundError, match="`python -m studies census` computes it"):
        look_up("01478", tmp_path / "census.csv")


def test_a_foreign_table_is_an_error(tmp_path, path):
    for content in ("seed,accuracy\n1,0.5\n", "\0\n", "labels,network,source\n10\n"):
        (tmp_path / "other.csv").write_text(content)
        with pytest.raises(ValueError, match=r"other\.csv (is not the table|holds 0 of the 252)"):
            look_up("01478", tmp_path / "other.csv")
    (tmp_path / "other.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not the table of the census"):
        look_up("01478", tmp_path / "other.csv")


def test_half_a_census_is_an_error(path):
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(f"census,{others(TARGETS[7])},")))
    with pytest.raises(ValueError, match="holds 251 of the 252 splits"):
        look_up("01478", path)
