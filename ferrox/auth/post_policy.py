"""The signed policy of a browser upload form: what may be uploaded, by whom, until when.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html (signature version 2)

The policy is JSON in base64; what is signed is the base64 text as it stands in the form. Each field
of the form must be covered by a condition, except those that carry policy and signature themselves
and those that ask to be ignored. So must the bucket, which is no field: AWS names it like one when
it refuses a policy that would do for every bucket (aws/aws-sdk-php#3292). Field names and operators
are compared without regard to case, values with.
"""

import base64
import binascii
import contextlib
import hmac
import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from ferrox.auth import sigv4
from ferrox.auth.canonical import wire_bytes
from ferrox.errors import (
    AccessDenied,
    InvalidArgument,
    InvalidPolicyDocument,
)
from ferrox.protocol import form_fields

POLICY = "policy"
UNSIGNED_FIELDS = frozenset({POLICY, "file", "signature", "awsaccesskeyid", "x-amz-signature"})
"""Fields that need no condition."""

IGNORED_PREFIX = "x-ignore-"

_SIGNING_FIELDS = frozenset(
    {
        "awsaccesskeyid",
        "signature",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-signature",
    }
)
"""With none of them a form is nobody's, whatever its policy says, as recorded of AWS in 2026."""

_MEMBERS = ("expiration", "conditions")
_RANGE = "content-length-range"
_escapes = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"$": "$", "v": "\\u000b"}
"""What may stand behind a backslash in a policy, though not in JSON."""
_is_instant = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z").fullmatch


class Condition(NamedTuple):
    """One demand on a field.

    operator   eq or starts-with
    field      in lower case; "" where the policy names none, which cannot be met
    spelled    the condition as the policy puts it
    """

    operator: str
    field: str
    value: str
    spelled: str


class Policy(NamedTuple):
    """What a form may do. The size of its file lies between the two bounds, both included."""

    expires_ms: int
    conditions: tuple[Condition, ...]
    least_bytes: int
    most_bytes: int


class Claim(NamedTuple):
    """What a form says of its signature. `scope` and `timestamp` are empty in version 2."""

    access_key_id: str
    signature: str
    policy: str
    scope: str = ""
    timestamp: str = ""


def read_claim(fields: Mapping[str, str], region: str, *, may_be_version_2: bool) -> Claim | None:
    """What the fields of a form claim; None when there is no signature and so nothing is claimed.

    raises  InvalidArgument for a field that is missing, or not what it should be
    """
    if POLICY not in fields:
        if "x-amz-signature" in fields or "signature" in fields:
            raise form_fields.missing(POLICY)
        return None
    if not _SIGNING_FIELDS & fields.keys():
        return None
    if "x-amz-algorithm" not in fields and "x-amz-signature" not in fields and may_be_version_2:
        return Claim(_field(fields, "AWSAccessKeyId"), _field(fields, "Signature"), fields[POLICY])
    algorithm = _field(fields, "X-Amz-Algorithm")
    if algorithm != sigv4.ALGORITHM:
        raise InvalidArgument(
            f'X-Amz-Algorithm only supports "{sigv4.ALGORITHM}"',
            ArgumentName="X-Amz-Algorithm",
            ArgumentValue=algorithm,
        )
    timestamp = _field(fields, "X-Amz-Date")
    if sigv4.basic_instant_ms(timestamp) is None:
        raise InvalidArgument(
            "X-Amz-Date must be formated via ISO8601 Long format",
            ArgumentName="X-Amz-Date",
            ArgumentValue=timestamp,
        )
    access_key_id, scope = _credential(_field(fields, "X-Amz-Credential"), timestamp, region)
    return Claim(access_key_id, _field(fields, "X-Amz-Signature"), fields[POLICY], scope, timestamp)


def verify(claim: Claim, secret_access_key: str) -> None:
    """Raise SignatureDoesNotMatch unless the key signed the policy."""
    if hmac.compare_digest(signature(claim, secret_access_key), wire_bytes(claim.signature)):
        return
    raise sigv4.mismatch(claim.access_key_id, claim.signature, claim.policy)


def signature(claim: Claim, secret_access_key: str) -> bytes:
    """The signature that the claim should carry."""
    if claim.scope:
        return sigv4.signing_key(secret_access_key, claim.scope).sign(claim.policy).encode()
    policy = claim.policy.encode()
    return base64.b64encode(hmac.digest(wire_bytes(secret_access_key), policy, "sha1"))


def parse(policy: str) -> Policy:
    """The policy of a form; InvalidPolicyDocument says what is wrong with it."""
    try:
        text = base64.b64decode("".join(policy.split()), validate=True).decode()
        document = json.loads(_escapes.sub(lambda escape: _ESCAPED.get(escape[1], escape[0]), text))
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidPolicyDocument("Invalid Policy: Invalid base64 encoding.") from None
    except (ValueError, RecursionError):
        raise InvalidPolicyDocument("Invalid Policy: Invalid JSON.") from None
    if not isinstance(document, dict):
        raise InvalidPolicyDocument("Invalid Policy: Invalid JSON.")
    _require_members(document)
    entries = document["conditions"]
    if not isinstance(entries, list):
        raise InvalidPolicyDocument("Invalid Policy: Invalid 'conditions' value: must be a List.")
    conditions: list[Condition] = []
    least_bytes, most_bytes = 0, sys.maxsize
    for entry in entries:
        bounds = _bounds(entry)
        if bounds is None:
            conditions.append(_condition(entry))
        else:
            least_bytes, most_bytes = max(bounds[0], least_bytes), min(bounds[1], most_bytes)
    return Policy(
        _expiration_ms(document["expiration"]), tuple(conditions), least_bytes, most_bytes
    )


def _require_members(document: dict[str, object]) -> None:
    """Refuse a policy that lacks a member, or has another; a member in capitals is no member."""
    for name in document:
        if name.lower() not in _MEMBERS:
            raise InvalidPolicyDocument(f"Invalid Policy: Unexpected: '{name.lower()}'.")
    for name in _MEMBERS:
        if name not in document:
            raise InvalidPolicyDocument(f"Invalid Policy: Policy missing {name}.")
    for name in document.keys() - set(_MEMBERS):
        raise InvalidPolicyDocument(f"Invalid Policy: Unexpected: '{name}'.")


def check(policy: Policy, fields: Mapping[str, str], now_ms: int) -> None:
    """Hold a form against its policy; AccessDenied says which part of it is not met.

    fields   by lower-case name, `bucket` and the final `key` among them
    """
    if now_ms >= policy.expires_ms:
        raise AccessDenied("Invalid according to Policy: Policy expired.")
    for condition in policy.conditions:
        if not _is_met(condition, fields.get(condition.field)):
            raise AccessDenied(
                f"Invalid according to Policy: Policy Condition failed: {condition.spelled}"
            )
    covered = {condition.field for condition in policy.conditions} | UNSIGNED_FIELDS
    for name in fields:
        if name not in covered and not name.startswith(IGNORED_PREFIX):
            raise AccessDenied(f"Invalid according to Policy: Extra input fields: {name}")


def _is_met(condition: Condition, value: str | None) -> bool:
    if value is None or not condition.field:
        return False
    if condition.operator == "eq":
        return value == condition.value
    if condition.field == "content-type":  # a list, each member of which must fit
        return all(one.strip().startswith(condition.value) for one in value.split(","))
    return value.startswith(condition.value)


def _bounds(entry: object) -> tuple[int, int] | None:
    """The least and the greatest size of a file that a condition allows, None if of other things.

    Bounds that are no numbers make a condition like others, which no form meets.
    """
    match entry:
        case [str() as operator, least, most] if operator.lower() == _RANGE:
            with contextlib.suppress(ValueError):
                if isinstance(least, int | str) and isinstance(most, int | str):
                    bounds = int(least), int(most)
                    if min(bounds) >= 0:
                        return bounds
                    raise InvalidPolicyDocument(
                        f"Invalid Policy: Invalid {_RANGE}: sizes are not negative."
                    )
    return None


def _condition(entry: object) -> Condition:
    """What an object of one field and its value, or a list of operator, $field and value, demands.

    A field without its $ is none: no form meets that, either.
    """
    match entry:
        case dict():
            return _simple_condition(entry)
        case [str() as operator, *operands]:
            return _list_condition(operator, operands)
        case list():
            raise InvalidPolicyDocument(
                "Invalid Policy: Invalid Condition: missing operation identifier."
            )
        case _:
            raise InvalidPolicyDocument(
                "Invalid Policy: Invalid condition test: must be a List or Object."
            )


def _simple_condition(entry: dict[str, Any]) -> Condition:
    if len(entry) != 1:
        raise InvalidPolicyDocument(
            "Invalid Policy: Invalid Simple-Condition: "
            "Simple-Conditions must have exactly one property specified."
        )
    ((name, value),) = entry.items()
    if not isinstance(value, str):
        raise InvalidPolicyDocument(
            "Invalid Policy: Invalid Simple-Condition: value must be a string."
        )
    return Condition("eq", name.lower(), value, _spelled(["eq", f"${name}", value]))


def _list_condition(operator: str, operands: list[Any]) -> Condition:
    name = operator.lower()
    if name not in {"eq", "starts-with", _RANGE}:
        raise InvalidPolicyDocument(
            f"Invalid Policy: Invalid Condition: unknown operation '{operator}'."
        )
    if len(operands) != 2:
        raise InvalidPolicyDocument(
            f"Invalid Policy: Invalid {operator}: wrong number of arguments."
        )
    if not all(isinstance(operand, str) for operand in operands):
        raise InvalidPolicyDocument("Invalid Policy: Invalid JSON.")
    field, value = operands
    is_field = field.startswith("$") and name != _RANGE
    return Condition(
        name, field[1:].lower() if is_field else "", value, _spelled([operator, *operands])
    )


def _spelled(condition: list[str]) -> str:
    return json.dumps(condition, ensure_ascii=False)


def _expiration_ms(value: object) -> int:
    if isinstance(value, str) and _is_instant(value):
        seconds, _, fraction = value[:-1].partition(".")
        try:
            at = datetime.fromisoformat(seconds).replace(tzinfo=UTC)
        except ValueError:
            pass
        else:
            return round(at.timestamp()) * 1000 + int(f"{fraction:0<3.3}" or 0)
    raise InvalidPolicyDocument(f"Invalid Policy: Invalid 'expiration' value: '{value}'")


def _credential(credential: str, timestamp: str, region: str) -> tuple[str, str]:
    """Access key and scope. A scope of another day, region or service signs nothing here."""
    refusal = partial(InvalidArgument, ArgumentName="X-Amz-Credential", ArgumentValue=credential)
    access_key_id, scope = sigv4.read_credential(credential, region, refusal, "")
    if scope[:8] != timestamp[:8]:
        raise refusal("Invalid credential date. Date is not the same as X-Amz-Date.")
    return access_key_id, scope


def _field(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name.lower())
    if not value:
        raise form_fields.missing(name)
    return value
