"""Quantities for people: numbers of things, and of bytes."""

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def counted(count: int, noun: str, nouns: str = "") -> str:
    """A number of things; `nouns` where an s is not enough."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def size(length_bytes: float) -> str:
    """A number of bytes."""
    if length_bytes < 1024:
        return counted(round(length_bytes), "byte")
    for unit in _UNITS[1:-1]:
        length_bytes /= 1024
        if length_bytes < 1024:
            return f"{length_bytes:.1f} {unit}"
    return f"{length_bytes / 1024:.1f} {_UNITS[-1]}"
