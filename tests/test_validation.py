import numpy as np
import pytest

from helpers.validation import whole_number


@pytest.mark.parametrize("value", [1, 7, np.int64(3), np.uint8(2)])
def test_pythons_and_numpys_whole_numbers_count(value):
    assert whole_number("epochs", value) == value and type(whole_number("epochs", value)) is int


@pytest.mark.parametrize("value", [0, -1, 1.0, 1.5, True, np.True_, "3", None, float("nan")])
def test_anything_else_is_refused(value):
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1, not "):
        whole_number("epochs", value)
