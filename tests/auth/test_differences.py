"""What a client signed instead: each difference is made by a client that goes wrong in that way."""

import hashlib
from typing import NamedTuple

import pytest

from ferrox.auth.differences import difference
from ferrox.protocol.message import Request
from tests.signing import REGION, SECRET_KEY, signature

SCOPE = f"20260921/{REGION}/s3/aws4_request"
SHA256 = "ab" * 32
NAMES = "accept-encoding;host;x-amz-date"
HEADERS = {"accept-encoding": "gzip", "host": "s3.example.com:9000", "x-amz-date": "20260921"}


def to_sign(canonical: str) -> str:
    return f"AWS4-HMAC-SHA256\n20260921T140000Z\n{SCOPE}\n" + (
        hashlib.sha256(canonical.encode()).hexdigest()
    )


class Signed(NamedTuple):
    """What a client has signed."""

    method: str = "PUT"
    uri: str = "/b/k%20y"
    query: str = "a=1&b=2%203"
    headers: dict[str, str] = HEADERS
    payload_hash: str = SHA256
    names: str = NAMES
    secret_key: str = SECRET_KEY

    def told(self, request: Request, leave_out: str | None = None) -> str:
        """What is said of this signature on that request."""
        lines = "".join(f"{name}:{self.headers[name]}\n" for name in self.names.split(";"))
        canonical = (
            f"{self.method}\n{self.uri}\n{self.query}\n{lines}\n{self.names}\n{self.payload_hash}"
        )
        sent = signature(to_sign(canonical), self.secret_key, SCOPE)
        return difference(
            request, leave_out, self.names, SHA256,
            lambda text: signature(to_sign(text), SECRET_KEY, SCOPE) == sent,
        )  # fmt: skip


def arrived(**changed: str) -> Request:
    """The request as it came in, but for some headers."""
    return Request("PUT", "/b/k%20y", "a=1&b=2+3", {**HEADERS, **changed})


DIFFERENCES: dict[str, Signed] = {
    "Host signed as s3.example.com, arrived as s3.example.com:9000": Signed(
        headers={**HEADERS, "host": "s3.example.com"}
    ),
    "accept-encoding signed as 'identity', arrived as 'gzip'": Signed(
        headers={**HEADERS, "accept-encoding": "identity"}
    ),
    "signed for HEAD": Signed(method="HEAD"),
    "payload hash signed as UNSIGNED-PAYLOAD": Signed(payload_hash="UNSIGNED-PAYLOAD"),
    "path encoded twice, as for other services than S3": Signed(uri="/b/k%2520y"),
    "path signed with a final slash": Signed(uri="/b/k%20y/"),
    "+ in the query is a plus": Signed(query="a=1&b=2%2B3"),
    "query as it was sent: not sorted, or in another encoding": Signed(query="a=1&b=2+3"),
    "query not signed": Signed(query=""),
    "none of the usual differences: as a rule the secret access key is another one": Signed(
        secret_key="another"
    ),
}


@pytest.mark.parametrize("told", DIFFERENCES)
def test_what_was_signed_instead_is_found(told: str) -> None:
    assert told == DIFFERENCES[told].told(arrived())


@pytest.mark.parametrize(
    ("path", "uri"), [("/b/a//k", "/b/a/k"), ("/b/a/../k/", "/b/k/"), ("//", "/")]
)
def test_a_path_that_was_normalised_is_found(path: str, uri: str) -> None:
    request = arrived()
    request.path = path

    assert "path normalised, as for other services than S3" == Signed(uri=uri).told(request)


def test_a_path_that_lost_its_slash_is_found() -> None:
    request = arrived()
    request.path = "/b/"

    assert "path signed without its final slash" == Signed(uri="/b").told(request)


@pytest.mark.parametrize(
    ("host", "signed"),
    [("s3.example.com", "s3.example.com:443"), ("inner:9000", "s3.example.com:9000")],
)
def test_a_host_that_something_on_the_way_changed_is_found(host: str, signed: str) -> None:
    request = arrived(host=host, **{"x-forwarded-host": "s3.example.com:9000"})

    told = Signed(headers={**HEADERS, "host": signed}).told(request)

    assert f"Host signed as {signed}, arrived as {host}" == told


def test_signed_headers_that_did_not_arrive_are_named() -> None:
    names = "host;te;x-amz-date;x-gone"
    signed = Signed(headers={**HEADERS, "te": "other", "x-gone": "1"}, names=names)

    assert "signed headers that did not arrive: te, x-gone" == signed.told(arrived())


def test_a_removed_header_whose_value_can_be_guessed_is_found() -> None:
    signed = Signed(headers={**HEADERS, "te": "trailers"}, names="host;te;x-amz-date")

    assert "te signed as 'trailers', arrived as None" == signed.told(arrived())


def test_the_parameter_of_the_signature_is_left_out_of_every_variant() -> None:
    request = arrived()
    request.query_string = "b=2+3&X-Amz-Signature=x&a=1"
    signed = Signed(query="b=2+3&a=1")

    told = signed.told(request, "X-Amz-Signature")

    assert "query as it was sent: not sorted, or in another encoding" == told


def test_few_variants_are_tried() -> None:
    tried: list[str] = []

    def is_signed(canonical: str) -> bool:
        tried.append(canonical)
        return False

    difference(arrived(), None, NAMES, SHA256, is_signed)

    assert 10 < len(tried) < 40, "each costs some µs"
