"""Every module that handles operations, imported by name, so that HANDLERS is complete.

Nothing is found by walking the package: a frozen program has no folders to walk.
"""

from ferrox.operations import (
    acl,
    attributes,
    buckets,
    copying,
    deletion,
    documents,
    form_upload,
    lifecycle,
    listing,
    lock_configuration,
    locks,
    logging,
    multipart,
    named_documents,
    notification,
    object_tagging,
    objects,
    policy,
    public_access,
    renaming,
    sharing,
    versioning,
    versions,
)
from ferrox.operations.registry import HANDLERS

__all__ = [
    "HANDLERS",
    "acl",
    "attributes",
    "buckets",
    "copying",
    "deletion",
    "documents",
    "form_upload",
    "lifecycle",
    "listing",
    "lock_configuration",
    "locks",
    "logging",
    "multipart",
    "named_documents",
    "notification",
    "object_tagging",
    "objects",
    "policy",
    "public_access",
    "renaming",
    "sharing",
    "versioning",
    "versions",
]
