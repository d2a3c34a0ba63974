"""The chain of signatures over the chunks and trailers of a signed aws-chunked body.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html

Every signature covers the one before it; the first covers the seed, the signature of the request.
So chunks can neither be changed nor reordered nor left out.
"""

import hashlib
import hmac

from ferrox.auth.payload import EMPTY_SHA256
from ferrox.auth.sigv4 import Signer, mismatch


class ChunkChain:
    """Verifies chunk after chunk; fed by protocol.chunked.Decoder."""

    def __init__(self, signer: Signer, seed_signature: str) -> None:
        self._signer = signer
        self._previous = seed_signature
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
        signer = self._signer
        string_to_sign = (
            f"AWS4-HMAC-SHA256-{kind}\n{signer.timestamp}\n{signer.scope}\n{self._previous}\n{what}"
        )
        if not hmac.compare_digest(signer.sign(string_to_sign).encode(), claimed.encode()):
            raise mismatch(signer.access_key_id, claimed, string_to_sign)
        self._previous = claimed
