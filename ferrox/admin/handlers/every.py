"""Every module that answers endpoints, imported by name, so that HANDLERS is complete.

Nothing is found by walking the package: a frozen program has no folders to walk.
"""

from ferrox.admin.handlers import (
    accounts,
    buckets,
    encryption,
    events,
    exposure,
    faults,
    keys,
    kms,
    lifecycle,
    policies,
    rates,
    refusals,
    scrub,
    server,
    status,
    users,
)
from ferrox.admin.registry import HANDLERS

__all__ = [
    "HANDLERS",
    "accounts",
    "buckets",
    "encryption",
    "events",
    "exposure",
    "faults",
    "keys",
    "kms",
    "lifecycle",
    "policies",
    "rates",
    "refusals",
    "scrub",
    "server",
    "status",
    "users",
]
