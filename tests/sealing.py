"""What tests of encryption have in common: a server with keys, and headers that ask for them."""

from typing import Any

from ferrox.operations.encryption_rules import EncryptionRules
from ferrox.storage.keys.ring import Ring
from tests.in_process import InProcess

SSE = "x-amz-server-side-encryption"
AES256 = {SSE: "AES256"}


def sealing_with(s3: InProcess, ring: Ring, **rules: Any) -> None:
    """Give a server keys, and rules for using them."""
    s3.services.encryption = EncryptionRules(ring, **rules)
    s3.store.key_ring = ring
