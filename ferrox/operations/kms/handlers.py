"""Every module that does operations of KMS, imported by name, so that HANDLERS is complete.

Nothing is found by walking the package: a frozen program has no folders to walk.
"""

from ferrox.operations.kms import aliases, cryptography, keys, policies, rotation, tags
from ferrox.operations.kms.registry import HANDLERS

__all__ = ["HANDLERS", "aliases", "cryptography", "keys", "policies", "rotation", "tags"]
