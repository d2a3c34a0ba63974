"""What tests of encryption have in common: a server with keys, and headers that ask for them."""

import base64
import hashlib
from typing import Any

from ferrox.clock import SystemClock
from ferrox.jobs.sealing import Sealing
from ferrox.operations.encryption_rules import EncryptionRules
from ferrox.storage.keys.ring import Ring
from ferrox.storage.store import Store
from tests.in_process import InProcess

SSE = "x-amz-server-side-encryption"
AES256 = {SSE: "AES256"}


def customer(key: bytes, prefix: str = SSE) -> dict[str, str]:
    """The headers that bring a key of 32 bytes."""
    md5 = hashlib.md5(key, usedforsecurity=False).digest()
    return {
        f"{prefix}-customer-algorithm": "AES256",
        f"{prefix}-customer-key": base64.b64encode(key).decode(),
        f"{prefix}-customer-key-md5": base64.b64encode(md5).decode(),
    }


MINE = customer(b"m" * 32)


def sealing_with(s3: InProcess, ring: Ring, **rules: Any) -> None:
    """Give a server keys, and rules for using them."""
    s3.services.encryption = EncryptionRules(ring, **rules)
    s3.store.key_ring = ring


def unsealing(store: Store) -> Sealing:
    """How jobs of a server seal that has no keys."""
    return Sealing(store, Ring(), SystemClock(), lambda _: None, encrypts_unasked=False)
