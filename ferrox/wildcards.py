"""`*` in patterns: any characters, told without looking at any of them twice."""

from collections.abc import Sequence


def fits(runs: Sequence[str], text: str) -> bool:
    """Whether a text consists of these runs, in their order, with anything between two of them.

    A pattern cut at its stars is such runs: `pattern.split("*")`. The first stands at the beginning
    and the last at the end. Of the others each is taken where it is first found: if what follows it
    fits anywhere, it fits behind that place.
    """
    first, *others = runs
    if not others:
        return text == first
    *middle, last = others
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for run in middle:
        found = text.find(run, at, end)
        if found < 0:
            return False
        at = found + len(run)
    return True
