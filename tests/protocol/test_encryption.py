"""Headers of server-side encryption: what they ask for, and what they are refused with."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferrox.errors import InvalidArgument, InvalidEncryptionAlgorithmError, S3Error
from ferrox.protocol.encryption import (
    PREFIX,
    Asked,
    CustomerKey,
    asked,
    check_length,
    customer_key,
    new_salt,
)

KEY = bytes(range(32))
ENCODED = base64.b64encode(KEY).decode()
MD5 = base64.b64encode(hashlib.md5(KEY, usedforsecurity=False).digest()).decode()
OF_CUSTOMER = "x-amz-server-side-encryption-customer-"


def of_customer(**parts: str) -> dict[str, str]:
    names = {"algorithm": "AES256", "key": ENCODED, "md5": MD5} | parts
    renamed = {"algorithm": "algorithm", "key": "key", "md5": "key-md5"}
    return {OF_CUSTOMER + renamed[part]: value for part, value in names.items() if value != "-"}


def context(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_a_request_brings_a_key_of_a_customer() -> None:
    assert CustomerKey(KEY, MD5) == customer_key(of_customer())
    assert customer_key({"x-amz-meta-a": "b"}) is None


def test_the_source_of_a_copy_has_a_key_of_its_own() -> None:
    prefix = "x-amz-copy-source-server-side-encryption"
    headers = {
        name.replace("x-amz-", "x-amz-copy-source-"): value for name, value in of_customer().items()
    }

    assert CustomerKey(KEY, MD5) == customer_key(headers, prefix)
    assert customer_key(headers) is None


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ({"algorithm": "-"}, InvalidArgument, "a valid encryption algorithm"),
        ({"algorithm": "AES128"}, InvalidEncryptionAlgorithmError, "Supported value: AES256"),
        ({"algorithm": ""}, InvalidEncryptionAlgorithmError, "Supported value: AES256"),
        ({"key": "-"}, InvalidArgument, "an appropriate secret key"),
        ({"algorithm": "", "key": "-", "md5": "-"}, InvalidArgument, "an appropriate secret key"),
        ({"md5": "-"}, InvalidArgument, "the client calculated MD5"),
        ({"algorithm": "", "key": "", "md5": ""}, InvalidArgument, "too short"),
        ({"key": "ZZ"}, InvalidArgument, "too short"),
        ({"key": "####"}, InvalidArgument, "too short"),
        ({"key": "not base64!", "algorithm": "AES128"}, InvalidArgument, "did not match the hash"),
        ({"key": ENCODED.rstrip("=")}, InvalidArgument, "did not match the hash"),
        ({"key": "\udcff" + ENCODED[4:]}, InvalidArgument, "was improperly encoded"),
        ({"key": "é" * 45}, InvalidArgument, "was improperly encoded"),
        ({"key": ENCODED + "===="}, InvalidArgument, "did not match the hash"),
        ({"key": f"{ENCODED[:8]}={ENCODED[8:]}"}, InvalidArgument, "did not match the hash"),
        ({"key": "AAAAA="}, InvalidArgument, "did not match the hash"),
        ({"md5": base64.b64encode(bytes(16)).decode()}, InvalidArgument, "did not match the hash"),
        ({"md5": ""}, InvalidArgument, "did not match the hash"),
        ({"md5": "\udcff"}, InvalidArgument, "did not match the hash"),
    ],
)
def test_a_key_that_is_not_whole_is_refused(
    parts: dict[str, str], error: type[S3Error], message: str
) -> None:
    with pytest.raises(error, match=message) as refusal:
        customer_key(of_customer(**parts))

    assert PREFIX == refusal.value.details["ArgumentName"]
    assert ENCODED not in str(vars(refusal.value))


@pytest.mark.parametrize("key", [ENCODED + "===", f"!!{ENCODED}#", ENCODED.replace("A", " A#")])
def test_what_means_nothing_in_a_key_is_skipped(key: str) -> None:
    assert CustomerKey(KEY, MD5) == customer_key(of_customer(key=key))


def test_a_key_of_another_length_is_no_key_for_what_is_new_and_fits_nothing() -> None:
    short = KEY[:31]
    md5 = base64.b64encode(hashlib.md5(short, usedforsecurity=False).digest()).decode()
    key = customer_key(of_customer(key=base64.b64encode(short).decode(), md5=md5))

    assert key is not None
    with pytest.raises(InvalidArgument, match="was invalid for the specified algorithm"):
        check_length(key)
    assert not key.fits(key.fingerprint(new_salt(bytes(8))))


def test_whoever_reads_may_leave_the_md5_away() -> None:
    assert CustomerKey(KEY, MD5) == customer_key(of_customer(md5="-"), needs_md5=False)
    with pytest.raises(InvalidArgument, match="did not match the hash"):
        customer_key(of_customer(md5=""), needs_md5=False)


def test_a_key_shows_nowhere() -> None:
    assert ENCODED not in repr(CustomerKey(KEY, MD5))
    assert MD5 not in f"{CustomerKey(KEY, MD5)}"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=8, max_size=8))
def test_a_fingerprint_knows_its_key_and_no_other(key: bytes, random: bytes) -> None:
    fingerprint = CustomerKey(key, "").fingerprint(new_salt(random))

    assert CustomerKey(key, "").fits(fingerprint)
    assert not CustomerKey(bytes([key[0] ^ 1]) + key[1:], "").fits(fingerprint)
    assert key.hex() not in fingerprint


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"": "AES256"}, Asked("AES256")),
        ({"": "aws:kms"}, Asked("aws:kms")),
        ({"": "aws:kms:dsse", "-aws-kms-key-id": "k"}, Asked("aws:kms:dsse", "k")),
        ({"": "aws:kms", "-context": context({"b": "1", "a": "ü"})},
         Asked("aws:kms", "", '{"a":"ü","b":"1"}')),
        ({"": "aws:kms", "-bucket-key-enabled": "True"}, Asked("aws:kms", bucket_key=True)),
        ({"": "aws:kms", "-bucket-key-enabled": "false"}, Asked("aws:kms", bucket_key=False)),
    ],
)  # fmt: skip
def test_what_is_asked_for(headers: dict[str, str], expected: Asked | None) -> None:
    named = {f"x-amz-server-side-encryption{name}": value for name, value in headers.items()}

    assert expected == asked(named)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"": "aes256"}, "is not supported"),
        ({"": ""}, "is not supported"),
        ({"-aws-kms-key-id": "k"}, "requires HTTP header"),
        ({"-context": "e30="}, "requires HTTP header"),
        ({"": "AES256", "-aws-kms-key-id": "k"}, "requires HTTP header"),
        ({"": "aws:kms", "-context": "{}"}, "string-string map"),
        ({"": "aws:kms", "-context": context(["a"])}, "string-string map"),
        ({"": "aws:kms", "-context": context({"a": 1})}, "string-string map"),
        ({"": "aws:kms", "-context": context({"a": "\ud800"})}, "string-string map"),
        ({"": "aws:kms", "-context": context({"\ud800": "a"})}, "string-string map"),
        ({"": "aws:kms", "-bucket-key-enabled": "yes"}, "Invalid Argument"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(headers: dict[str, str], message: str) -> None:
    named = {f"x-amz-server-side-encryption{name}": value for name, value in headers.items()}

    with pytest.raises(InvalidArgument, match=message):
        asked(named)
