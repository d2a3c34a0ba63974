"""Signature Version 4A: an asymmetric signature, good for several regions at once.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

The canonical request is that of Version 4. What differs:

- The algorithm is AWS4-ECDSA-P256-SHA256, and a signature the hexadecimal form of its DER. Two
  signatures of one text are never the same.
- The credential scope names no region. X-Amz-Region-Set, which is signed, does: a list, or `*`.
- The private key comes from the pair of access key id and secret access key alone, so that it does
  not change from day to day: counter mode of NIST SP 800-108 over HMAC-SHA256, counting in the
  context until the outcome is a private key, which it nearly always is at once.

AWS verifies with the public key only. Here it is made from the secret access key and kept.
"""

import hmac
from binascii import unhexlify
from functools import lru_cache

from ferrox import wildcards
from ferrox.auth import presigned, sigv4
from ferrox.auth.canonical import wire_bytes
from ferrox.auth.errors import AuthorizationQueryParametersError, RegionSetMismatch
from ferrox.auth.sigv4 import ALGORITHM_4A, Claim
from ferrox.crypto import p256
from ferrox.errors import InvalidRequest
from ferrox.protocol.message import Request

REGION_SET = "x-amz-region-set"
_REGION_SET_PARAMETER = "X-Amz-Region-Set"
_LAST_COUNTER = 254
_KEY_BITS = 256


class VerifyingKey:
    """The public key of one access key."""

    __slots__ = ("_key",)

    def __init__(self, access_key_id: str, secret_access_key: str) -> None:
        self._key = p256.public_key_of(private_key(access_key_id, secret_access_key))

    def has_signed(self, string_to_sign: str, signature: str) -> bool:
        """Whether this is a signature of the text."""
        try:
            der = unhexlify(signature)
        except ValueError:
            return False
        return self._key.has_signed(wire_bytes(string_to_sign), der)


def read_header(request: Request, parameters: str, now_ms: int, region: str) -> Claim:
    """The claim of `Authorization: AWS4-ECDSA-P256-SHA256 …`, refused if it cannot be valid."""
    claim = sigv4.read_header(request, parameters, now_ms, None, ALGORITHM_4A)
    regions = request.headers.get(REGION_SET)
    if regions is None:
        raise InvalidRequest(f"Missing required header for this request: {REGION_SET}")
    _require_region(regions, region)
    return claim


def read_query(request: Request, now_ms: int, region: str) -> Claim:
    """The claim of a presigned request, refused if it cannot be valid (now)."""
    claim = presigned.read_query(request, now_ms, None)
    regions = request.query.get(_REGION_SET_PARAMETER)
    if not regions:
        raise AuthorizationQueryParametersError(
            f"SigV4a query auth requires a non empty {REGION_SET} parameter."
        )
    _require_region(regions, region)
    return claim


def key_of(claim: Claim, secret_access_key: str) -> VerifyingKey:
    """The key that the claim must have been signed with, or rather its public part."""
    return verifying_key(claim.access_key_id, secret_access_key)


@lru_cache(maxsize=256)
def verifying_key(access_key_id: str, secret_access_key: str) -> VerifyingKey:
    """The public key of an access key, made once."""
    return VerifyingKey(access_key_id, secret_access_key)


def private_key(access_key_id: str, secret_access_key: str) -> int:
    """The number that a client signs with."""
    secret = wire_bytes("AWS4A" + secret_access_key)
    label, context = ALGORITHM_4A.encode(), wire_bytes(access_key_id)
    for counter in range(1, _LAST_COUNTER + 1):
        block = b"%b%b\0%b%c%b" % (_number(1), label, context, counter, _number(_KEY_BITS))
        candidate = int.from_bytes(hmac.digest(secret, block, "sha256"))
        if candidate <= p256.ORDER - 2:
            return candidate + 1
    raise ArithmeticError("no private key was found")  # once in 2 ** 8128 access keys


def names_region(regions: str, region: str) -> bool:
    """Whether a region set names a region: in any case, `*` standing for any characters."""
    return any(
        wildcards.fits(name.split("*"), region.lower()) for name in regions.lower().split(",")
    )


def _require_region(regions: str, region: str) -> None:
    if not names_region(regions, region):
        raise RegionSetMismatch(RequestedRegion=region, RegionSet=regions)


def _number(value: int) -> bytes:
    return value.to_bytes(4)
