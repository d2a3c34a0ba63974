"""The root of the first account: the key pair that a server starts with."""

from typing import NamedTuple


class RootCredentials(NamedTuple):
    """The key pair of the root of the first account."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        """Name the key, never the secret."""
        return f"RootCredentials({self.access_key_id!r})"
