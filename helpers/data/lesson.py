"""A lesson: symbols that somebody drew, as examples to learn from and to be tried on."""

from helpers.data import strokes
from helpers.data.strokes import DrawingError

MOST_SYMBOLS, MOST_DRAWINGS = 5, 12


class Lesson:
    """The drawings of one reader; the bundled ones stand in as long as there are none.

    Attributes
    ----------
    own : dict of str to list of drawings
        What was drawn, by the symbols' names.
    """

    def __init__(self):
        self.own = {}

    def __repr__(self):
        counts = ", ".join(f"{len(many)} of {name}" for name, many in self.drawings.items())
        return f"Lesson({'bundled' if self.is_bundled else 'own'} drawings: {counts})"

    @property
    def is_bundled(self):
        """Whether nothing was drawn, so that the bundled drawings stand in."""
        return not self.own

    @property
    def drawings(self):
        """The drawings in use: a dict of names, each with its list."""
        return self.own or strokes.bundled()

    def keep(self, name, drawing):
        """Keep one more drawing of a symbol.

        Parameters
        ----------
        name : str
        drawing : list of strokes

        Raises
        ------
        DrawingError
            It has no name, or is nothing that could be learned from, or there are too many.
        """
        name = name.strip()
        strokes.checked(drawing)
        if not name:
            raise DrawingError("What is it? Give the drawing a name, then keep it.")
        if name not in self.own and len(self.own) == MOST_SYMBOLS:
            raise DrawingError(
                f"There are {MOST_SYMBOLS} symbols already: {', '.join(self.own)}. Give one of these names."
            )
        if len(self.own.get(name, [])) == MOST_DRAWINGS:
            raise DrawingError(f"There are {MOST_DRAWINGS} drawings of {name} already, which is enough.")
        self.own.setdefault(name, []).append(drawing)

    def take_back(self, name):
        """Drop the last drawing of a symbol; a symbol without drawings is gone."""
        name = name.strip()
        if name not in self.own:
            raise DrawingError(f"There is no drawing of {name or 'a symbol without a name'} to take back.")
        self.own[name].pop()
        if not self.own[name]:
            del self.own[name]

    def parts(self, examples=3):
        """Two parts: one to learn from, and the drawings that are kept back to try the networks on.

        Parameters
        ----------
        examples : int
            How many drawings of each symbol to learn from, the first ones.

        Returns
        -------
        learn, kept_back : Part

        Raises
        ------
        DrawingError
            There are fewer than two symbols, or one has no drawing left to keep back.
        """
        if examples < 1:
            raise DrawingError(f"There must be at least 1 example of each symbol to learn from, not {examples}.")
        if len(self.drawings) < 2:
            raise DrawingError(
                f"There is only {', '.join(self.drawings)} so far: draw a second symbol to tell it from."
            )
        for name, many in self.drawings.items():
            if len(many) <= examples:
                raise DrawingError(
                    f"There are {len(many)} drawings of {name}. With {examples} to learn from and at least one to keep back,"
                    f" it takes {examples + 1}: draw more above, or ask for fewer examples."
                )
        learn = {name: many[:examples] for name, many in self.drawings.items()}
        kept_back = {name: many[examples:] for name, many in self.drawings.items()}
        return strokes.part(learn, "drawings to learn from"), strokes.part(kept_back, "drawings kept back")
