"""What `check` says of right, wrong, open and broken answers."""

import pytest

from helpers import exercises
from helpers.exercises import NotYet, check, exercise


@pytest.fixture(autouse=True)
def one_exercise():
    @exercise("0.0")
    def _double(double):
        if double(2) != 4:
            raise NotYet(f"double(2) gave {double(2)}: is that twice as much?")
        return "So it is."

    yield
    del exercises.CHECKS["0.0"]  # only this: what chapters declare, when `check` first imports them, must stay


@pytest.mark.parametrize(
    "answer, said",
    [
        (lambda x: 2 * x, "0.0: right. So it is.\n"),
        (lambda x: x, "0.0: not yet. double(2) gave 2: is that twice as much?\n"),
        (lambda x: x / 0, "0.0: not yet. Your answer raised ZeroDivisionError: division by zero\n"),
        (..., "0.0: still open. Replace the dots with your answer, and run this cell again.\n"),
    ],
)
def test_an_answer_gets_a_sentence(answer, said, capsys):
    check("0.0", answer)
    assert capsys.readouterr().out == said


def test_an_exercise_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="there is no exercise '0.9' to check; there are 0.0"):
        check("0.9", 1)
