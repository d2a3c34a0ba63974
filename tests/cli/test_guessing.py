"""guessing.py: words that are like others."""

import pytest

from ferrox.cli.guessing import guess


@pytest.mark.parametrize(
    ("word", "question"),
    [
        ("users", "; do you mean user?"),
        ("start", "; do you mean serve?"),
        ("frobnicate", ""),
    ],
)
def test_only_what_is_like_it_or_known_elsewhere_is_asked_for(word: str, question: str) -> None:
    known = ("stats", "user", "serve")

    assert question == guess(word, known, {"start": "serve"})
