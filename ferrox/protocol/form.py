"""The form of a browser upload: multipart/form-data, taken apart while it arrives.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
https://www.rfc-editor.org/rfc/rfc7578

    --boundary CRLF headers CRLF CRLF value CRLF          for every field
    --boundary CRLF headers CRLF CRLF bytes of the file CRLF --boundary …

Every part but `file` is a plain field, whether or not it carries a file name: clients differ. All
fields of one name are one, with a comma between their values. The fields before the file are held
in memory and may be PREAMBLE_LIMIT_BYTES long in all; the bytes of the file are handed on as they
come. Whatever follows the file is passed over, as on S3, but the file is only whole once the
boundary behind it has been seen.

In the states that wait for something (a boundary, the end of headers, the end of a field) bytes are
kept until it is there; in FILE all are handed on but the last few, which may be the beginning of
the boundary.
"""

import re
from enum import Enum, auto

from ferrox.errors import (
    InvalidArgument,
    MalformedPOSTRequest,
    MaxPostPreDataLengthExceeded,
    PreconditionFailed,
)

PREAMBLE_LIMIT_BYTES = 20 * 1024
"""All that precedes the bytes of the file."""

FILE = "file"
"""The name of the part that is the object."""

_BOUNDARY_LIMIT = 70  # RFC 2046, 5.1.1
_boundary = re.compile(r'(?:^|;)\s*boundary=(?:"([^"]+)"|([^;\s"]+))', re.IGNORECASE).search
_parameter = re.compile(r';\s*([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))', re.IGNORECASE).finditer


class _State(Enum):
    BOUNDARY = auto()
    AFTER_BOUNDARY = auto()
    HEADERS = auto()
    FIELD = auto()
    FILE = auto()
    END = auto()


class FormDecoder:
    """Takes a form in pieces of any size.

    fields     what preceded the file, by lower-case name
    has_file   whether the bytes of the file have begun: all fields are known then
    file_name  the last component of its path on the client's machine, which may be empty; None
               where the form does not say
    """

    def __init__(self, boundary: str) -> None:
        self.fields: dict[str, str] = {}
        self.has_file = False
        self.file_name: str | None = None
        self._delimiter = b"\r\n--" + boundary.encode("latin-1")
        # The first boundary may open the body; with this line end it looks like every other.
        self._buffer = bytearray(b"\r\n")
        self._state = _State.BOUNDARY
        self._name = ""
        self._preamble_bytes = 0

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes of the body; return those of them that belong to the file."""
        if self._state is _State.END:
            return b""
        self._buffer += data
        if not self.has_file:
            self._read_preamble(len(data))
        return self._file_bytes() if self.has_file else b""

    def finish(self) -> None:
        """The body has ended; raise unless the form was whole."""
        if self._state is not _State.END:
            raise MalformedPOSTRequest
        if not self.has_file:
            raise InvalidArgument(
                "POST requires exactly one file upload per request.",
                ArgumentName=FILE,
                ArgumentValue=0,
            )

    def _read_preamble(self, new_bytes: int) -> None:
        """Take the fields from the buffer, up to the bytes of the file if they are there."""
        self._preamble_bytes += new_bytes
        while self._step():
            pass
        beyond_bytes = len(self._buffer) if self.has_file else 0
        if self._preamble_bytes - beyond_bytes > PREAMBLE_LIMIT_BYTES:
            raise MaxPostPreDataLengthExceeded(MaxPostPreDataLengthBytes=PREAMBLE_LIMIT_BYTES)

    def _step(self) -> bool:
        """Do what the buffer has enough bytes for; whether anything was done."""
        match self._state:
            case _State.BOUNDARY:
                return self._take_until(self._delimiter, _State.AFTER_BOUNDARY) is not None
            case _State.AFTER_BOUNDARY:
                return self._begin_part()
            case _State.HEADERS:
                headers = self._take_until(b"\r\n\r\n", _State.FIELD)
                if headers is not None:
                    self._read_headers(headers)
                return headers is not None
            case _State.FIELD:
                value = self._take_until(self._delimiter, _State.AFTER_BOUNDARY)
                if value is not None:
                    self._keep(value)
                return value is not None
            case _:
                return False

    def _take_until(self, end: bytes, then: _State) -> bytes | None:
        """What precedes `end`, which is passed over, too; None as long as it has not come."""
        at = self._buffer.find(end)
        if at < 0:
            return None
        found = bytes(self._buffer[:at])
        del self._buffer[: at + len(end)]
        self._state = then
        return found

    def _begin_part(self) -> bool:
        """A boundary is followed by the end of its line, or by two hyphens: no more parts."""
        if self._buffer.startswith(b"--"):
            self._state = _State.END
            return False
        line_end = self._buffer.find(b"\r\n")
        if line_end < 0:
            return False
        if self._buffer[:line_end].strip(b" \t"):
            raise MalformedPOSTRequest
        # The line end stays: a part without headers begins with the empty line that ends them.
        del self._buffer[:line_end]
        self._state = _State.HEADERS
        return True

    def _read_headers(self, lines: bytes) -> None:
        disposition = ""
        for line in _text(lines).split("\r\n"):
            name, colon, value = line.partition(":")
            if line and not colon:
                raise MalformedPOSTRequest
            if name.strip().lower() == "content-disposition":
                disposition = value.strip()
        parameters = _parameters(disposition)
        if "name" not in parameters:
            raise MalformedPOSTRequest
        self._name = parameters["name"].lower()
        if self._name == FILE:
            if "filename" in parameters:
                self.file_name = re.split(r"[/\\]", parameters["filename"])[-1]
            self.has_file = True
            self._state = _State.FILE

    def _keep(self, value: bytes) -> None:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise InvalidArgument(
                "The form fields must be UTF-8", ArgumentName=self._name
            ) from None
        before = self.fields.get(self._name)
        self.fields[self._name] = text if before is None else f"{before},{text}"

    def _file_bytes(self) -> bytes:
        """All that certainly lies before the boundary."""
        found = self._take_until(self._delimiter, _State.END)
        if found is not None:
            self._buffer.clear()
            return found
        settled = max(0, len(self._buffer) - len(self._delimiter) + 1)
        data = bytes(self._buffer[:settled])
        del self._buffer[:settled]
        return data


def boundary_of(content_type: str) -> str:
    """The boundary that the Content-Type of a form names.

    raises  PreconditionFailed when it is not that of a form, MalformedPOSTRequest when it names no
            boundary
    """
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise PreconditionFailed(
            Condition="Bucket POST must be of the enclosure-type multipart/form-data"
        )
    found = _boundary(content_type.partition(";")[2])
    boundary = (found[1] or found[2]) if found else ""
    if not 0 < len(boundary) <= _BOUNDARY_LIMIT or not boundary.isascii():
        raise MalformedPOSTRequest
    return boundary


def _text(lines: bytes) -> str:
    """Headers as text: in UTF-8, or as browsers wrote names of files before."""
    try:
        return lines.decode("utf-8")
    except UnicodeDecodeError:
        return lines.decode("iso-8859-1")


def _parameters(disposition: str) -> dict[str, str]:
    """The parameters of `form-data; name="…"; filename="…"`.

    Only a quote can be escaped: a lone backslash is part of a path on Windows.
    """
    kind, _, _ = disposition.partition(";")
    if kind.strip().lower() != "form-data":
        return {}
    return {
        found[1].lower(): (found[2] or "").replace('\\"', '"') or found[3] or ""
        for found in _parameter(disposition)
    }
