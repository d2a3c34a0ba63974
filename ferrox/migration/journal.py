"""The journal: which uploads a migration has begun, so that the next run goes on with them.

Everything else is found out by comparing both sides; without the journal only the parts of objects
that were not complete are sent again, and the target forgets the uploads by itself. One JSON object
a line: what is uploaded with its upload id, and later the id alone once it is done. A line that
cannot be read, as the end of a run may have left it, is passed over.
"""

import contextlib
import json
from pathlib import Path
from typing import IO, Any


class Journal:
    """The journal of one source and one target; without a path nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._open: dict[tuple[str, ...], str] = {}
        self._file: IO[str] | None = None
        if path is None:
            return
        with contextlib.suppress(FileNotFoundError), path.open(encoding="utf-8") as lines:
            for line in lines:
                self._read(line)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text("".join(_line(what, name) for what, name in self._open.items()), "utf-8")
        fresh.replace(path)
        self._file = path.open("a", encoding="utf-8")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def find(self, *what: str) -> str | None:
        """The upload that was begun for a version, if it has not ended."""
        return self._open.get(what)

    def begin(self, upload_id: str, *what: str) -> None:
        """Remember an upload; `what` says for which version, and where it goes."""
        self._open[what] = upload_id
        self._write(_line(what, upload_id))

    def end(self, *what: str) -> None:
        """Forget it: it is complete, or gone."""
        upload_id = self._open.pop(what, None)
        if upload_id is not None:
            self._write(json.dumps({"ended": upload_id}) + "\n")

    def _write(self, line: str) -> None:
        if self._file is not None:
            self._file.write(line)
            self._file.flush()

    def _read(self, line: str) -> None:
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            said: dict[str, Any] = json.loads(line)
            if "ended" in said:
                gone = [what for what, name in self._open.items() if name == said["ended"]]
                for what in gone:
                    del self._open[what]
            else:
                self._open[tuple(map(str, said["of"]))] = str(said["upload"])


def _line(what: tuple[str, ...], upload_id: str) -> str:
    return json.dumps({"upload": upload_id, "of": what}) + "\n"
