"""Signatures on the curve P-256 (ECDSA with SHA-256): public keys, and what they verify.

https://csrc.nist.gov/pubs/fips/186-5/final

Cryptodome is imported when the first key is made: that takes 60 ms and 5 MB, and few servers ever
meet such a signature. Making a key takes 60 µs, one verification 230.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Crypto.PublicKey.ECC import EccKey

ORDER = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551
"""How many points the curve has: private keys are the numbers from 1 to one less."""

_CURVE = "P-256"


class PublicKey:
    """A public key. It has no secret part, whatever it was made from."""

    __slots__ = ("_scheme",)

    def __init__(self, key: "EccKey") -> None:
        from Crypto.Signature import DSS

        self._scheme = DSS.new(key.public_key(), "fips-186-3", encoding="der")

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this is a signature of the message: DER, as in RFC 3279, 2.2.3."""
        from Crypto.Hash import SHA256

        try:
            self._scheme.verify(SHA256.new(message), signature)
        except ValueError:
            return False
        return True


def public_key_of(private_key: int) -> PublicKey:
    """The public key that goes with a private one, a number below ORDER."""
    from Crypto.PublicKey import ECC

    return PublicKey(ECC.construct(curve=_CURVE, d=private_key))
