"""One target under atheris: `python -m tests.fuzz.run NAME [option of libFuzzer or folder]...`

The seeds of the target are put into the first folder, its dictionary beside that. Started by
scripts/fuzz. To merge (`-merge=1`), libFuzzer starts its program again and again, for which that
gets a file of its own.
"""

import hashlib
import shlex
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
    is_merging = any(one.startswith("-merge") for one in options)
    if folder is not None and not is_merging:
        for seed in target.seeds:
            (folder / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
        words = folder.parent / f"{name}.words"
        words.write_text("".join(_quoted(word) for word in target.words), "ascii")
        options.append(f"-dict={words}")
    options.append(f"-max_len={target.max_bytes}")
    atheris.Setup([str(_program(name)), *options], target.check)
    atheris.Fuzz()


def _program(name: str) -> Path:
    """The file that starts this again, in the folder that scripts/fuzz works with."""
    program = Path(".fuzz", f"{name}.again").absolute()
    again = shlex.join([sys.executable, "-m", "tests.fuzz.run", name])
    program.write_text(f'#!/bin/sh\nexec {again} "$@"\n')
    program.chmod(0o700)
    return program


def _quoted(word: bytes) -> str:
    """A line of a dictionary of libFuzzer."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


if __name__ == "__main__":
    main(sys.argv[1:])
