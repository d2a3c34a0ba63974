"""The order of keys: where a prefix ends, and which key comes next.

Keys are text that SQLite compares byte by byte in UTF-8 (its BINARY collation). That is the order
of code points, the one Python's `<` has too, so bounds are computed on `str`.
"""

_LAST_CODE_POINT = "\U0010ffff"

BEYOND_ALL_KEYS = b""
"""An upper bound when there is none: SQLite orders every BLOB after every TEXT."""


def prefix_end(prefix: str) -> str | None:
    """Return the smallest key greater than every key that begins with `prefix`.

    None if there is none: for the empty prefix, and one that consists of U+10FFFF only.
    """
    stem = prefix.rstrip(_LAST_CODE_POINT)
    if not stem:
        return None
    # U+D800 to U+DFFF are surrogates, which no UTF-8 text contains.
    successor = "\ue000" if stem[-1] == "\ud7ff" else chr(ord(stem[-1]) + 1)
    return stem[:-1] + successor


def upper_bound(prefix: str) -> str | bytes:
    """Return `prefix_end` in a form that can always be bound to `key < ?`."""
    end = prefix_end(prefix)
    return BEYOND_ALL_KEYS if end is None else end


def successor(key: str) -> str:
    """Return the smallest key greater than `key`."""
    return key + "\0"


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return what `key`, which begins with `prefix`, rolls up to; None if it stands for itself."""
    end = key.find(delimiter, len(prefix)) if delimiter else -1
    return None if end < 0 else key[: end + len(delimiter)]
