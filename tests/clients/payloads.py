"""What the clients store: the same bytes in every run, and names that break careless servers."""

import functools
import hashlib
import os
import random
from pathlib import Path

SIZES_BYTES = {
    "empty": 0,
    "one-byte": 1,
    "five-megabytes.bin": 5_000_000,
    "twenty-five-megabytes.bin": 25_000_003,  # every client makes several parts of it
}
MULTIPART = "twenty-five-megabytes.bin"

FILE_NAMES = (
    "with space.txt", " leading space", "plus+plus", "per%cent", "escaped%20already", "%2F",
    "tilde~", "ünï-日本-🦊.txt", 'double"quote', "apostrophe's", "amp&ersand", "question?mark",
    "hash#", "equals=", "semi;colon", "co:lon", "a@t", "dol$lar", "com,ma",
    "(parens)[brackets]{braces}", "less<more>", "pipe|caret^tick`", "excla!mation",
    "nested/more/deeply", "..dots..",
)  # fmt: skip
"""Keys that may also be names of files, which is all that a copying tool can have."""

KEYS = (
    *FILE_NAMES,
    "double//slash", "///", "/leading", "trailing/", "trailing//", "back\\slash", "star*",
    "tab\there", "line\nfeed", "trailing space ", "bell\x07", "combining e\u0301 is not \u00e9",
    "a/./b", "a/../b", "x" * 1024, "ü" * 512, "\U0010ffff", "?acl", "?uploads&x=y", "+", "%", "&",
    "a%00b",
)  # fmt: skip
"""Keys that S3 takes and an SDK can send."""


@functools.cache
def payload(name: str) -> bytes:
    """The bytes of a named size."""
    return filled(SIZES_BYTES[name], seed=name)


def filled(size_bytes: int, seed: str) -> bytes:
    """Bytes that no compression, shift or swap leaves as they were."""
    return random.Random(seed).randbytes(size_bytes)


def sha256(data: bytes) -> str:
    """A digest to compare by, so that a failure does not print megabytes."""
    return hashlib.sha256(data).hexdigest()


def name_bytes(name: str) -> bytes:
    """Contents that say whose they are."""
    return b"contents of " + name.encode()


def write_sizes(directory: Path) -> Path:
    """A directory with one file of every size."""
    directory.mkdir(parents=True)
    for name in SIZES_BYTES:
        (directory / name).write_bytes(payload(name))
    return directory


def write_odd_names(directory: Path) -> Path:
    """A directory with one file of every odd name."""
    for name in FILE_NAMES:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name_bytes(name))
    return directory


def age(path: Path) -> None:
    """Make a file old. S3 tells times in whole seconds: one of this second looks changed."""
    os.utime(path, (1_700_000_000, 1_700_000_000))


def digests(directory: Path) -> dict[str, str]:
    """Path (below the directory) → sha256 of every file in it."""
    return {
        path.relative_to(directory).as_posix(): sha256(path.read_bytes())
        for path in directory.rglob("*")
        if path.is_file()
    }
