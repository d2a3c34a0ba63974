"""How a server encrypts: with which keys, what it does unasked, and what it takes in the open."""

from typing import Literal, NamedTuple

from ferrox.errors import AccessDenied
from ferrox.records import Encryption
from ferrox.storage.keys.ring import Ring

SseMode = Literal["optional", "default", "required"]


class EncryptionRules(NamedTuple):
    """What an operator decides about encryption.

    keys                     those that the server has
    mode                     of what neither its request nor its bucket asks to have encrypted:
                             optional leaves it as it is, default encrypts it with SSE-S3, as AWS
                             does, required refuses it
    takes_keys_in_the_open   whether customers' keys may come over plain HTTP
    """

    keys: Ring
    mode: SseMode = "optional"
    takes_keys_in_the_open: bool = False

    def unasked(self) -> Encryption | None:
        """How to seal what nobody asked to have sealed."""
        match self.mode:
            case "optional":
                return None
            case "default":
                return self.keys.resolve("AES256")
            case "required":
                raise AccessDenied("This server stores only what is to be encrypted.")
