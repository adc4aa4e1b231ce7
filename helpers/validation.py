"""Whole numbers, checked in one place: Python's and NumPy's count, booleans and floats don't."""

import numbers


def is_whole(value, least=1):
    """Whether `value` is a whole number of at least `least`."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and value >= least


def whole_number(name, value, least=1, error=ValueError):
    """Give `value` back as an int.

    Parameters
    ----------
    name : str
        For the message: "epochs", "Dense: inputs".
    value : int
    least : int
    error : type
        What to raise: an exception that takes a message.

    Raises
    ------
    ValueError
        Or `error`: it isn't a whole number of at least `least`.
    """
    if not is_whole(value, least):
        raise error(f"{name} must be a whole number of at least {least}, not {value!r}")
    return int(value)
