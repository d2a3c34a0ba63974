"""signing.py: what is signed here is what the server verifies, and what AWS's own code signs."""

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from ferrox.auth.signing import Credentials, signed
from ferrox.auth.verify import Verifier
from ferrox.clock import SettableClock
from ferrox.errors import SignatureDoesNotMatch
from ferrox.protocol.message import Request
from tests import signing
from tests.in_process import KEYS, ROOT
from tests.keys import finding

NOW_MS = 1_700_000_000_000
OWN = Credentials(signing.ACCESS_KEY, signing.SECRET_KEY)


def _request(path: str = "/bucket/a%20b//..%2F%C3%BC", query: str = "a=%2F&list-type=2") -> Request:
    headers = {"host": "h:9000", "x-amz-meta-a": "b  c", "content-type": "text/plain"}
    return Request("PUT", path, query, headers)


def test_the_server_verifies_what_is_signed() -> None:
    clock = SettableClock(NOW_MS)
    verifier = Verifier(finding(KEYS), clock, signing.REGION, "off")
    request = _request()

    headers = signed(request, OWN, signing.REGION, "UNSIGNED-PAYLOAD", NOW_MS)

    sent = Request(request.method, request.path, request.query_string, headers)
    assert ROOT == verifier.verify(sent).principal
    sent.headers["x-amz-meta-a"] = "c"
    with pytest.raises(SignatureDoesNotMatch):
        verifier.verify(sent)


@pytest.mark.parametrize("token", ["", "token/of+a=session"])
def test_the_signature_is_that_of_the_sdk(token: str) -> None:
    request = _request("/bucket/a%20b", "a=1&list-type=2")

    headers = signed(request, OWN._replace(session_token=token), "eu-west-1", "a" * 64, NOW_MS)

    theirs = AWSRequest("PUT", "http://h:9000/bucket/a%20b?a=1&list-type=2", headers=dict(headers))
    del theirs.headers["authorization"]
    theirs.context["timestamp"] = headers["x-amz-date"]
    keys = BotoCredentials(OWN.access_key_id, OWN.secret_access_key, token or None)
    auth = S3SigV4Auth(keys, "s3", "eu-west-1")
    auth.payload = lambda _request: "a" * 64
    canonical = auth.canonical_request(theirs)
    expected = auth.signature(auth.string_to_sign(theirs, canonical), theirs)
    assert headers["authorization"].endswith(f"Signature={expected}")
    assert token == headers.get("x-amz-security-token", "")


def test_credentials_do_not_show_their_secret() -> None:
    assert signing.SECRET_KEY not in repr(OWN)
