"""How the command line talks to the admin plane: over the socket in the data directory, or TLS."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

from ferrox.errors import StartError
from ferrox.gateway import unix_socket

SOCKET = "admin.sock"
UNIX = "unix://"
LIMIT_S = 60.0
"""A server that is well sends something on every stream four times in it."""


class Refused(Exception):
    """The server's no, in its words."""


class Place(NamedTuple):
    """Where a server is asked; without an address, at the socket of its data directory.

    url  https://HOST:PORT, or unix://PATH of such a socket
    """

    data_dir: Path
    url: str = ""
    certificate: str = ""
    key: str = ""
    authority: str = ""


class Connects(Protocol):
    """Makes connections."""

    def __call__(self) -> http.client.HTTPConnection:
        """A connection to the server, open already; StartError when there is none."""
        ...


class AdminClient:
    """Asks one server."""

    def __init__(self, place: Place) -> None:
        if place.url.startswith(UNIX):
            self._connect: Connects = _over_socket(Path(place.url.removeprefix(UNIX)), place.url)
        elif place.url:
            self._connect = _over_tls(place)
        else:
            self._connect = _over_socket(place.data_dir / SOCKET, str(place.data_dir.absolute()))

    def ask(self, method: str, path: str, query: Mapping[str, Any], body: Any) -> Any:
        """Ask, and return what is answered, None if that is nothing. StartError, Refused."""
        connection = self._connect()
        try:
            with _send(connection, method, path, query, body) as answer:
                data = answer.read()
            return json.loads(data) if data else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StartError(f"the server did not answer: {_words(error)}") from None
        finally:
            connection.close()

    def follow(self, path: str, query: Mapping[str, Any]) -> Iterator[bytes]:
        """Ask for a stream, and return its lines as they come. StartError, Refused."""
        connection = self._connect()
        try:
            with _send(connection, "GET", path, query, None) as answer:
                while line := answer.readline():
                    yield line.rstrip(b"\n")
        except (OSError, http.client.HTTPException) as error:
            raise StartError(f"the stream broke off: {_words(error)}") from None
        finally:
            connection.close()


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    query: Mapping[str, Any],
    body: Any,
) -> http.client.HTTPResponse:
    target = f"{path}?{urlencode(query)}" if query else path
    data = None if body is None else json.dumps(body).encode()
    headers = {"Host": "ferroxd", "Content-Type": "application/json"}
    connection.request(method, target, data, headers)
    answer = connection.getresponse()
    if answer.status < 300:
        return answer
    text = answer.read()
    try:
        error = json.loads(text)["error"]
        words = f"{error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        words = f"the server answered with status {answer.status}"
    raise Refused(words)


def _over_socket(path: Path, place: str) -> Connects:
    """A way to the server at a socket; `place` is what whoever asks knows it by."""

    def connect() -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("ferroxd", timeout=LIMIT_S)
        try:
            connection.sock = unix_socket.connect(path, LIMIT_S)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            raise StartError(
                f"no server is running on {place} (nobody listens at {path});"
                " --data-dir names another place"
            ) from None
        except PermissionError as error:
            raise StartError(
                f"{path} cannot be used: {error.strerror}; only the user of the server may"
            ) from None
        except OSError as error:
            raise StartError(f"{path} cannot be used: {error.strerror or error}") from None
        return connection

    return connect


def _over_tls(place: Place) -> Connects:
    parts = urlsplit(place.url)
    if parts.scheme != "https" or not parts.hostname:
        raise StartError(f"{place.url} is not an https:// address")
    try:
        context = ssl.create_default_context(cafile=place.authority or None)
        if place.certificate:
            context.load_cert_chain(place.certificate, place.key or None)
    except (OSError, ssl.SSLError) as error:
        raise StartError(f"the certificates cannot be used: {error.strerror or error}") from None
    host, port = parts.hostname, parts.port or 9444

    def connect() -> http.client.HTTPConnection:
        connection = http.client.HTTPSConnection(host, port, timeout=LIMIT_S, context=context)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise StartError(
                f"{place.url}: {error.verify_message}; --ca names the authority of the server"
            ) from None
        except ssl.SSLError as error:
            raise StartError(f"{place.url}: {error.reason or error}") from None
        except (OSError, socket.gaierror) as error:
            raise StartError(f"{place.url} is not reachable: {error.strerror or error}") from None
        return connection

    return connect


def _words(error: Exception) -> str:
    """What is wrong, in words; some errors have none."""
    return str(error) or type(error).__name__
