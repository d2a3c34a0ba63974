"""cli/admin_client.py: over a socket or TLS, what is answered, and every way to get no answer."""

import contextlib
import errno
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrox.cli.admin_client import AdminClient, Place, Refused
from ferrox.errors import StartError
from ferrox.gateway import unix_socket
from tests.issuing import Issuer

LIMIT_S = 30.0
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a": 1}\n'


def whole(one: socket.socket) -> bytes:
    """A whole request."""
    data = one.recv(65_536)
    while b"Content-Length" in data and data.endswith(b"\r\n\r\n"):
        data += one.recv(65_536)
    return data


@contextlib.contextmanager
def answering(
    listening: socket.socket, answer: bytes, context: ssl.SSLContext | None = None
) -> Iterator[list[bytes]]:
    """Somebody who answers the first request in these words, whatever it is."""
    heard: list[bytes] = []
    listening.settimeout(LIMIT_S)

    def work() -> None:
        with contextlib.suppress(OSError), listening.accept()[0] as plain:
            plain.settimeout(LIMIT_S)
            one = plain if context is None else context.wrap_socket(plain, server_side=True)
            heard.append(whole(one))
            one.sendall(answer)
            if context is not None:
                one.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield heard
    finally:
        listening.close()
        thread.join()


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with unix_socket.listen(tmp_path / "admin.sock") as made:
        yield made


def test_a_question_and_its_answer(listening: socket.socket, tmp_path: Path) -> None:
    with answering(listening, OK) as heard:
        answer = AdminClient(Place(tmp_path)).ask("GET", "/x", {"a b": "c&d"}, None)

    assert {"a": 1} == answer
    assert heard[0].startswith(b"GET /x?a+b=c%26d HTTP/1.1\r\n")
    assert b"\r\nContent-Type: application/json\r\n" in heard[0]


def test_a_socket_may_have_an_address(listening: socket.socket, tmp_path: Path) -> None:
    with answering(listening, OK):
        place = Place(Path(), f"unix://{tmp_path / 'admin.sock'}")
        answer = AdminClient(place).ask("GET", "/x", {}, None)

    assert {"a": 1} == answer


def test_a_body_is_json(listening: socket.socket, tmp_path: Path) -> None:
    with answering(listening, b"HTTP/1.1 204 No Content\r\n\r\n") as heard:
        answer = AdminClient(Place(tmp_path)).ask("PUT", "/x", {}, {"name": "ä"})

    assert answer is None
    assert heard[0].endswith(b'{"name": "\\u00e4"}')


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b'409 No\r\nContent-Length: 45\r\n\r\n{"error": {"code": "Full", "message": "No."}}',
         "Full: No."),
        (b"503 Busy\r\nContent-Length: 3\r\n\r\n<a>", "the server answered with status 503"),
        (b"500 Oh\r\nContent-Length: 2\r\n\r\n[]", "the server answered with status 500"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_words_of_the_server(
    listening: socket.socket, tmp_path: Path, answer: bytes, words: str
) -> None:
    with answering(listening, b"HTTP/1.1 " + answer), pytest.raises(Refused) as said:
        AdminClient(Place(tmp_path)).ask("GET", "/x", {}, None)

    assert words == str(said.value)


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", OK[:-3], OK[:-9] + b"something"])
def test_half_an_answer_is_none(listening: socket.socket, tmp_path: Path, answer: bytes) -> None:
    with answering(listening, answer), pytest.raises(StartError, match="did not answer"):
        AdminClient(Place(tmp_path)).ask("GET", "/x", {}, None)


def test_a_stream_comes_line_by_line(listening: socket.socket, tmp_path: Path) -> None:
    stream = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na\n\nb\r\n2\r\nc\n\r\n0\r\n\r\n"
    )

    with answering(listening, stream):
        lines = list(AdminClient(Place(tmp_path)).follow("/x", {}))

    assert [b"a", b"", b"bc"] == lines


def test_nobody_there_is_one_line(tmp_path: Path) -> None:
    unix_socket.listen(tmp_path / "admin.sock").close()

    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(StartError, match=f"no server is running on {place} "):
            AdminClient(Place(place)).ask("GET", "/x", {}, None)


def test_who_may_not_open_the_socket_is_told_who_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _limit_s: float) -> socket.socket:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(unix_socket, "connect", refuse)

    with pytest.raises(StartError, match="Permission denied; only the user of the server may"):
        AdminClient(Place(tmp_path)).ask("GET", "/x", {}, None)


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "pki")


@pytest.fixture
def port() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def asking(issuer: Issuer) -> ssl.SSLContext:
    """What a server uses that asks for certificates."""
    certificate = issuer.server()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(issuer.trusted))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


def test_over_tls_both_sides_show_who_they_are(issuer: Issuer, port: socket.socket) -> None:
    client = issuer.client("ops")
    place = Place(
        Path(), f"https://localhost:{port.getsockname()[1]}", str(client),
        str(client.with_suffix(".key")), str(issuer.trusted),
    )  # fmt: skip

    with answering(port, OK, asking(issuer)):
        assert {"a": 1} == AdminClient(place).ask("GET", "/x", {}, None)


def test_a_server_that_nobody_vouches_for_is_not_asked(
    issuer: Issuer, port: socket.socket, tmp_path: Path
) -> None:
    others = Issuer(tmp_path / "others")
    url = f"https://localhost:{port.getsockname()[1]}"
    place = Place(Path(), url, authority=str(others.trusted))

    with answering(port, OK, asking(issuer)) as heard, pytest.raises(StartError) as said:
        AdminClient(place).ask("GET", "/x", {}, None)

    assert f"{url}: " in str(said.value)
    assert "--ca" in str(said.value)
    assert [] == heard


@pytest.mark.parametrize("url", ["http://localhost:9444", "localhost:9444", "https://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(StartError, match="is not an https:// address"):
        AdminClient(Place(Path(), url))


def test_certificates_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="the certificates cannot be used: No such file"):
        AdminClient(Place(Path(), "https://localhost", authority=str(tmp_path / "none")))


def test_a_port_that_nobody_listens_at_is_one_line(issuer: Issuer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"https://127.0.0.1:{free.getsockname()[1]}"
    place = Place(Path(), url, authority=str(issuer.trusted))

    with pytest.raises(StartError, match="is not reachable: Connection refused"):
        AdminClient(place).ask("GET", "/x", {}, None)
