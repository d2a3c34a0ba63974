"""The chain of signatures over the chunks and trailers of a signed aws-chunked body.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html

Every signature covers the one before it; the first covers the seed, the signature of the request.
So chunks can neither be changed nor reordered nor left out.

Signatures of Version 4A differ in length. Clients that must know the length of the body beforehand
fill them up with "*", which is not part of what the next one covers.
"""

import hashlib

from ferrox.auth.payload import EMPTY_SHA256
from ferrox.auth.sigv4 import Claim, VerifyingKey, mismatch

_PADDING = "*"


class ChunkChain:
    """Verifies chunk after chunk; fed by protocol.chunked.Decoder.

    claim   of the request, and `key` the one that has signed it
    """

    def __init__(self, claim: Claim, key: VerifyingKey) -> None:
        self._claim = claim
        self._key = key
        self._previous = claim.signature
        self._claimed = ""
        self._digest = hashlib.sha256()

    def begin(self, signature: str) -> None:
        """A chunk starts that claims this signature."""
        self._claimed = signature
        self._digest = hashlib.sha256()

    def update(self, data: bytes) -> None:
        """More bytes of the chunk."""
        self._digest.update(data)

    def end(self) -> None:
        """The chunk is whole: its signature must be right."""
        self._require("PAYLOAD", f"{EMPTY_SHA256}\n{self._digest.hexdigest()}", self._claimed)

    def close(self, trailers: bytes, signature: str) -> None:
        """The trailers are whole: their signature must be right."""
        self._require("TRAILER", hashlib.sha256(trailers).hexdigest(), signature)

    def _require(self, kind: str, what: str, claimed: str) -> None:
        claim = self._claim
        string_to_sign = (
            f"{claim.algorithm}-{kind}\n{claim.timestamp}\n{claim.scope}\n{self._previous}\n{what}"
        )
        signature = claimed.rstrip(_PADDING)
        if not self._key.has_signed(string_to_sign, signature):
            raise mismatch(claim.access_key_id, claimed, string_to_sign)
        self._previous = signature
