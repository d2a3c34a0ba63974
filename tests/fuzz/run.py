"""One target under atheris: `python -m tests.fuzz.run NAME [option of libFuzzer or folder]...`

The seeds of the target are put into the first folder, its dictionary beside that. Started by
scripts/fuzz; for `-merge=1` libFuzzer starts it once more, by the name in FERROX_FUZZ_PROGRAM.
"""

import hashlib
import os
import sys
from pathlib import Path

import atheris


def main(arguments: list[str]) -> None:
    """Fuzz one target until libFuzzer has enough."""
    name, *options = arguments
    with atheris.instrument_imports(include=["ferrox"]):
        from tests.fuzz import table

        target = table.load(name)
    folder = next((Path(one) for one in options if not one.startswith("-")), None)
    if folder is not None and "-merge=1" not in options:
        for seed in target.seeds:
            (folder / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
        words = folder.parent / f"{name}.words"
        words.write_text("".join(_quoted(word) for word in target.words), "ascii")
        options.append(f"-dict={words}")
    options.append(f"-max_len={target.max_bytes}")
    program = os.environ.get("FERROX_FUZZ_PROGRAM", sys.argv[0])
    atheris.Setup([program, *options], target.check)
    atheris.Fuzz()


def _quoted(word: bytes) -> str:
    """A line of a dictionary of libFuzzer."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


if __name__ == "__main__":
    main(sys.argv[1:])
