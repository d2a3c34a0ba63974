"""Version 4A in the header and in the query, signed by the AWS CRT."""

import hashlib
from binascii import unhexlify
from collections.abc import Callable

import pytest
from Crypto.PublicKey import ECC
from hypothesis import given
from hypothesis import strategies as st

from ferrox.auth import sigv4a
from ferrox.auth.errors import (
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    RegionSetMismatch,
    RequestTimeTooSkewed,
)
from ferrox.auth.payload import EMPTY_SHA256
from ferrox.clock import SettableClock
from ferrox.crypto import p256
from ferrox.errors import (
    AccessDenied,
    InvalidAccessKeyId,
    InvalidRequest,
    S3Error,
    SignatureDoesNotMatch,
)
from ferrox.protocol.message import Request
from tests import signing
from tests.auth import crt, oracle

MALFORMED = "The authorization header is malformed; "
PARSING = "Error parsing the X-Amz-Credential parameter; "
FORM = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/SERVICE/aws4_request".'

KEYS = st.text(min_size=1, max_size=30) | st.text(
    alphabet=["/", "%", "2", "F", "+", " ", "~", ".", "ü", "日", "&", "=", "?", "#", "\\", "'"],
    min_size=1,
    max_size=12,
)
QUERIES = st.dictionaries(
    st.text(min_size=1, max_size=10).filter(lambda name: name != "Signature"),
    st.text(max_size=20),
    max_size=4,
)


def refused(request: Request, at_ms: int = oracle.AT_MS) -> S3Error:
    """What is answered to a request that must not pass."""
    with pytest.raises(S3Error) as refusal:
        oracle.verifier(at_ms).verify(request)
    return refusal.value


# Keys
def test_the_key_is_that_of_the_tests_of_aws() -> None:
    """awslabs/aws-c-auth, tests/sigv4_signing_tests.c: s_chunked_test_ecc_pub_x and _y."""
    number = sigv4a.private_key(signing.ACCESS_KEY, signing.SECRET_KEY)

    point = ECC.construct(curve="P-256", d=number).pointQ
    assert crt.PRIVATE_KEY == number
    assert int(point.x) == 0x18B7D04643359F6EC270DCBAB8DCE6D169D66DDC9778C75CFB08DFDB701637AB
    assert int(point.y) == 0xFA36B35E4FE67E3112261D2E17A956EF85B06E44712D2850BCD3C2161E9993F2


def test_a_number_that_is_no_key_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    first = sigv4a.private_key("id", "secret")
    monkeypatch.setattr(p256, "ORDER", first)  # then the largest candidate is one less than it was

    following = sigv4a.private_key("id", "secret")

    assert following < first
    monkeypatch.setattr(p256, "ORDER", 1)
    with pytest.raises(ArithmeticError):
        sigv4a.private_key("id", "secret")


def test_a_key_is_made_once() -> None:
    key = sigv4a.verifying_key("once", "secret")

    assert key is sigv4a.verifying_key("once", "secret")
    assert key is not sigv4a.verifying_key("once", "another")
    assert "secret" not in repr(key)


# The header
@given(key=KEYS, query=QUERIES, body=st.binary(max_size=8))
def test_what_the_crt_signs_verifies(key: str, query: dict[str, str], body: bytes) -> None:
    request = crt.signed("PUT", oracle.target(key, query), {"X-Amz-Meta-A": "  b   c "}, body)

    verified = oracle.verifier().verify(request)

    assert oracle.OWNER == verified.principal
    assert hashlib.sha256(body).hexdigest() == verified.content_sha256
    assert (verified.signature_version, verified.auth_type) == ("AWS4A", "header")


@pytest.mark.parametrize(
    ("name", "value"), [("method", "PUT"), ("path", "/b/other"), ("query_string", "acl")]
)
def test_nothing_that_is_signed_can_be_changed(name: str, value: str) -> None:
    request = crt.signed("GET", "/b/k")
    setattr(request, name, value)

    assert isinstance(refused(request), SignatureDoesNotMatch)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "other"),
        ("x-amz-date", "20130524T000001Z"),
        ("x-amz-content-sha256", "0" * 64),
        ("x-amz-region-set", "us-east-1"),
        ("x-amz-meta-a", "2"),
    ],
)
def test_no_signed_header_can_be_changed(name: str, value: str) -> None:
    request = crt.signed("PUT", "/b/k", {"x-amz-meta-a": "1"})
    request.headers[name] = value

    assert isinstance(refused(request), SignatureDoesNotMatch)


@given(st.integers(0, 8 * 72 - 1))
def test_no_bit_of_a_signature_can_be_turned(number: int) -> None:
    request = crt.signed("GET", "/b/k")
    rest, _, signature = request.headers["authorization"].rpartition("=")
    der = bytearray(unhexlify(signature))  # of 70 to 72 bytes, nearly always
    byte, bit = divmod(number % (8 * len(der)), 8)
    der[byte] ^= 1 << bit
    request.headers["authorization"] = f"{rest}={der.hex()}"

    assert isinstance(refused(request), SignatureDoesNotMatch)


@pytest.mark.parametrize("signature", ["0", "zz", "ü", "\udcff", "00" * 32, "3000", "*" * 144])
def test_what_is_no_signature_is_a_mismatch(signature: str) -> None:
    request = crt.signed("GET", "/b/k")
    rest = request.headers["authorization"].rpartition("=")[0]
    request.headers["authorization"] = f"{rest}={signature}"

    assert isinstance(refused(request), SignatureDoesNotMatch)


def test_a_signature_may_be_in_upper_case() -> None:
    request = crt.signed("GET", "/b/k")
    rest, _, signature = request.headers["authorization"].rpartition("=")
    request.headers["authorization"] = f"{rest}={signature.upper()}"

    assert oracle.OWNER == oracle.verifier().verify(request).principal


def test_another_secret_does_not_verify() -> None:
    assert isinstance(
        refused(crt.signed("GET", "/b/k", pair=(signing.ACCESS_KEY, "other"))),
        SignatureDoesNotMatch,
    )


def test_a_signature_of_version_4_is_none_of_4a() -> None:
    request = oracle.signed("GET", "/b/k", {"x-amz-region-set": "*"})
    authorization = request.headers["authorization"].replace("HMAC", "ECDSA-P256")
    request.headers["authorization"] = authorization.replace("/us-east-1/", "/")

    assert isinstance(refused(request), SignatureDoesNotMatch)


def test_a_mismatch_tells_what_the_server_verified() -> None:
    request = crt.signed("GET", "/b/k?prefix=a%20b")
    request.headers["authorization"] = request.headers["authorization"][:-2] + "00"
    names = "host;x-amz-content-sha256;x-amz-date;x-amz-region-set"
    canonical = (
        f"GET\n/b/k\nprefix=a%20b\nhost:{oracle.HOST}\nx-amz-content-sha256:{EMPTY_SHA256}\n"
        f"x-amz-date:20130524T000000Z\nx-amz-region-set:*\n\n{names}\n{EMPTY_SHA256}"
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    string_to_sign = f"AWS4-ECDSA-P256-SHA256\n20130524T000000Z\n{crt.SCOPE}\n{digest}"

    assert refused(request).details == {
        "AWSAccessKeyId": signing.ACCESS_KEY,
        "StringToSign": string_to_sign,
        "SignatureProvided": request.headers["authorization"].rpartition("=")[2],
        "StringToSignBytes": string_to_sign.encode().hex(" "),
        "CanonicalRequest": canonical,
        "CanonicalRequestBytes": canonical.encode().hex(" "),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("/20130524/", "/20130524/us-east-1/", FORM),
        ("/s3/", "/", FORM),
        (
            "/20130524/",
            "/2013-5-24/",
            'incorrect date format "2013-5-24". This date in the credential must be in the '
            'format "yyyyMMdd".',
        ),
        (
            "/20130524/",
            "/20130523/",
            "Invalid credential date. Date is not the same as X-Amz-Date.",
        ),
        ("/s3/", "/ec2/", 'incorrect service "ec2". This endpoint belongs to "s3".'),
        ("aws4_request", "aws4", 'incorrect terminal "aws4". This endpoint uses "aws4_request".'),
    ],
)
def test_a_malformed_header_is_told_what_is_wrong(old: str, new: str, message: str) -> None:
    request = crt.signed("GET", "/b/k")
    request.headers["authorization"] = request.headers["authorization"].replace(old, new)

    refusal = refused(request)

    assert isinstance(refusal, AuthorizationHeaderMalformed)
    assert MALFORMED + message == refusal.message


def test_faults_are_told_in_the_order_of_aws() -> None:
    request = crt.signed("GET", "/b/k")
    headers = request.headers
    clock = SettableClock(oracle.AT_MS)
    found: list[type[S3Error]] = []

    def fault() -> None:
        found.append(type(refused(request, clock.now_ms())))

    authorization = headers["authorization"]
    headers["authorization"] = "AWS4-ECDSA-P256-SHA256 nothing"
    headers["x-amz-unsigned"] = "1"
    regions = headers.pop("x-amz-region-set")
    clock.advance(10_000)
    fault()
    clock.advance(-10_000)
    fault()
    headers["authorization"] = authorization.replace(signing.ACCESS_KEY, "unknown")
    fault()
    del headers["x-amz-unsigned"]
    fault()
    headers["x-amz-region-set"] = "eu-west-1"
    fault()
    headers["x-amz-region-set"] = regions
    fault()
    headers["authorization"] = authorization[:-2] + "00"
    fault()

    assert found == [
        RequestTimeTooSkewed,
        AuthorizationHeaderMalformed,
        AccessDenied,
        InvalidRequest,
        RegionSetMismatch,
        InvalidAccessKeyId,
        SignatureDoesNotMatch,
    ]


# The region set
@pytest.mark.parametrize(
    "regions",
    [
        *("*", "**", "us-*", "*-1", "u*1", "*a*", "us-east-1", "US-East-1", "us-east-1*"),
        *("eu-west-1,us-east-1", ",us-east-1", "eu-*,us-*", "u*-*t-*1"),
    ],
)
def test_a_region_set_may_name_this_region(regions: str) -> None:
    request = crt.signed("GET", "/b/k", regions=regions)
    url = crt.presigned("GET", "/b/k", regions=regions)

    assert oracle.OWNER == oracle.verifier().verify(request).principal
    assert oracle.OWNER == oracle.verifier().verify(url).principal


@pytest.mark.parametrize(
    "regions",
    [
        *("eu-west-1", "us-east-?", "us-east-10", "us-east-", "us-east", "aws-global", "us-*-2"),
        *("us-west-2, us-east-1", "us-east-1;us-west-2", "us-east-1 us-west-2", ",", "u*us-east-1"),
        *("[u]s-east-1", ".*", "us-east-1\\", "*east*east*", "us*s-east-1"),
    ],
)
def test_a_region_set_without_this_region_is_refused(regions: str) -> None:
    for sign in (crt.signed, crt.presigned):
        refusal = refused(sign("GET", "/b/k", regions=regions))

        assert isinstance(refusal, RegionSetMismatch)
        assert refusal.details == {"RequestedRegion": "us-east-1", "RegionSet": regions}


@given(st.text("ab*,", max_size=8), st.text("ab", min_size=1, max_size=5))
def test_a_star_stands_for_any_characters(regions: str, region: str) -> None:
    def matches(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(matches(pattern[1:], text[start:]) for start in range(len(text) + 1))
        return text[:1] == pattern[0] and matches(pattern[1:], text[1:])

    expected = any(matches(pattern, region) for pattern in regions.split(","))

    assert expected is sigv4a.names_region(regions, region)


def test_the_header_needs_a_region_set() -> None:
    request = crt.signed("GET", "/b/k")
    del request.headers["x-amz-region-set"]

    refusal = refused(request)

    assert isinstance(refusal, InvalidRequest)
    assert refusal.message == "Missing required header for this request: x-amz-region-set"


def test_an_empty_region_set_names_no_region() -> None:
    request = crt.signed("GET", "/b/k")
    request.headers["x-amz-region-set"] = ""

    assert isinstance(refused(request), RegionSetMismatch)


def test_the_region_set_must_be_signed() -> None:
    request = crt.signed("GET", "/b/k")
    authorization = request.headers["authorization"].replace(";x-amz-region-set", "")
    request.headers["authorization"] = authorization

    assert refused(request).details == {"HeadersNotSigned": "x-amz-region-set"}


# The query
@given(key=KEYS, query=QUERIES)
def test_an_url_that_the_crt_signs_verifies(key: str, query: dict[str, str]) -> None:
    request = crt.presigned("GET", oracle.target(key, query))

    verified = oracle.verifier().verify(request)

    assert oracle.OWNER == verified.principal
    assert (verified.signature_version, verified.auth_type) == ("AWS4A", "query")


@pytest.mark.parametrize("change", ["acl", "versionId=1", "X-Amz-Region-Set=us-east-1"])
def test_nothing_can_be_added_to_an_url(change: str) -> None:
    request = crt.presigned("GET", "/b/k")
    request.query_string += "&" + change

    assert isinstance(refused(request), SignatureDoesNotMatch)


@pytest.mark.parametrize("change", [("Region-Set=%2A", "Region-Set=us-%2A"), ("=3600", "=3601")])
def test_nothing_of_an_url_can_be_changed(change: tuple[str, str]) -> None:
    request = crt.presigned("GET", "/b/k")
    request.query_string = request.query_string.replace(*change)

    assert isinstance(refused(request), SignatureDoesNotMatch)


def test_an_url_works_until_the_end_of_its_last_second() -> None:
    request = crt.presigned("GET", "/b/k", expires_s=60)

    oracle.verifier(oracle.AT_MS + 60_000).verify(request)
    refusal = refused(request, oracle.AT_MS + 60_001)

    assert isinstance(refusal, AccessDenied)
    assert refusal.message == "Request has expired"


@pytest.mark.parametrize("regions", ["", "&X-Amz-Region-Set="])
def test_an_url_needs_a_region_set(regions: str) -> None:
    request = crt.presigned("GET", "/b/k")
    request.query_string = request.query_string.replace("&X-Amz-Region-Set=%2A", regions)

    refusal = refused(request)

    assert isinstance(refusal, AuthorizationQueryParametersError)
    assert refusal.message == "SigV4a query auth requires a non empty x-amz-region-set parameter."


def test_the_credential_of_an_url_names_no_region() -> None:
    request = crt.presigned("GET", "/b/k")
    request.query_string = request.query_string.replace("%2Fs3", "%2Fus-east-1%2Fs3")

    refusal = refused(request)

    assert isinstance(refusal, AuthorizationQueryParametersError)
    assert PARSING + FORM == refusal.message


def test_an_url_of_version_4_is_none_of_4a() -> None:
    request = oracle.presigned("GET", "/b/k?X-Amz-Region-Set=%2A")
    query = request.query_string.replace("HMAC", "ECDSA-P256").replace("%2Fus-east-1%2F", "%2F")
    request.query_string = query

    assert isinstance(refused(request), SignatureDoesNotMatch)


# Whatever is sent
FRAGMENTS = st.sampled_from(
    [
        *("Credential=", "SignedHeaders=", "Signature=", ",", " ", "/", ";", "=", "host", "*"),
        *(signing.ACCESS_KEY, "20130524", "s3", "aws4_request", "x-amz-date", "x-amz-region-set"),
        *("x-amz-content-sha256", "3006020101020101", "ü", "\udcff", "\0"),
    ]
)


@given(st.lists(FRAGMENTS, max_size=30).map("".join), st.lists(FRAGMENTS, max_size=4).map("".join))
def test_any_header_is_refused_with_an_error_of_s3(parameters: str, regions: str) -> None:
    request = crt.signed("GET", "/b/k")
    request.headers["authorization"] = f"AWS4-ECDSA-P256-SHA256 {parameters}"
    request.headers["x-amz-region-set"] = regions

    assert 400 <= refused(request).status < 500


PARAMETERS = st.sampled_from(
    ["Credential", "Date", "Expires", "SignedHeaders", "Signature", "Region-Set", "Algorithm"]
)
URL_VALUES = st.lists(FRAGMENTS, max_size=6).map("".join) | st.text(max_size=5)


@given(st.dictionaries(PARAMETERS, URL_VALUES, min_size=1, max_size=3))
def test_any_url_is_refused_with_an_error_of_s3(changes: dict[str, str]) -> None:
    request = crt.presigned("GET", "/b/k")
    parameters = {**request.query, **{f"X-Amz-{name}": value for name, value in changes.items()}}
    raw = oracle.target("k", {name: _printable(value) for name, value in parameters.items()})
    changed = Request("GET", "/b/k", raw.partition("?")[2], dict(request.headers))

    assert 400 <= refused(changed).status < 500


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("sign", [crt.signed, crt.presigned])
def test_a_long_region_set_is_refused_like_a_short_one(sign: Callable[..., Request]) -> None:
    regions = ",".join(["*u*s*-*e*a*s*t*-*2", "a*" * 100] * 20)

    assert isinstance(refused(sign("GET", "/b/k", regions=regions)), RegionSetMismatch)
