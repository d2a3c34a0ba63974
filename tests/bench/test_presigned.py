"""Presigned as botocore does it, in the eyes of the server."""

from datetime import UTC, datetime

import pytest

from build.bench.presigned import Signer
from ferrox.protocol.message import Request
from tests import signing
from tests.auth import oracle

NOW = datetime.fromtimestamp(oracle.AT_MS / 1000, UTC)


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/bucket/a/b c+d", None),
        ("/bucket", {"list-type": "2", "prefix": "a/ü&", "delimiter": "/"}),
    ],
)
def test_the_server_accepts_what_is_signed(path: str, parameters: dict[str, str] | None) -> None:
    signer = Signer(oracle.HOST, signing.ACCESS_KEY, signing.SECRET_KEY, NOW)

    raw_path, _, query = signer.target("GET", path, parameters).partition("?")

    request = Request("GET", raw_path, query, {"host": oracle.HOST})
    assert oracle.OWNER == oracle.verifier().verify(request).principal
