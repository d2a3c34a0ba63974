"""What may have been meant by a word of a command line that is not known."""

from collections.abc import Iterable, Mapping


def guess(word: str, known: Iterable[str], elsewhere: Mapping[str, str]) -> str:
    """A question to put behind a complaint; nothing where no known word is like it.

    elsewhere  what other programs say, and what is said here
    """
    import difflib  # takes milliseconds, which only mistakes need to

    like = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.75)
    meant = elsewhere.get(word) or "".join(like)
    return f"; do you mean {meant}?" if meant else ""
