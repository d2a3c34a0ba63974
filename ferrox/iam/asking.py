"""Asking: a question of permission, and what has to be known to answer it."""

from typing import Any, NamedTuple, Protocol

from ferrox.iam.acl import Access
from ferrox.iam.document import Document
from ferrox.iam.evaluate import IdentityPolicies
from ferrox.iam.patterns import Values
from ferrox.identity import Principal
from ferrox.records import BucketRecord, VersionAcl

_NO_POLICIES = IdentityPolicies()


class BucketPolicy(NamedTuple):
    """The policy of a bucket.

    is_restricted  it would let the public in, and the bucket's public access block takes it as
                   speaking to the bucket's own account only
    """

    document: Document
    is_restricted: bool


class Asking(NamedTuple):
    """Who wants to do what to what.

    bucket      None where what is asked for is not in a bucket that exists
    version_id  of the object, where the request names one
    request     for the conditions of policies
    """

    principal: Principal
    action: str
    bucket: BucketRecord | None
    key: str = ""
    version_id: str | None = None
    request: Any = None


class Known(Protocol):
    """What the stored things say about access."""

    def access(self, bucket: BucketRecord) -> Access:
        """Return what a bucket's documents say about lists."""

    def policy(self, bucket: BucketRecord) -> BucketPolicy | None:
        """Return a bucket's policy."""

    def identity(self, principal: Principal) -> IdentityPolicies:
        """Return the policies that a caller has."""

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        """Return the list of a version, of the newest if none is named."""

    def circumstances(self, asking: Asking) -> Values:
        """Return the condition keys of a request."""


class NothingKnown:
    """No policies, and no lists but those that nobody set."""

    def access(self, bucket: BucketRecord) -> Access:
        """Return what every bucket says before anybody says otherwise."""
        return Access(bucket.owner_id)

    def policy(self, bucket: BucketRecord) -> BucketPolicy | None:
        """Return none."""
        return None

    def identity(self, principal: Principal) -> IdentityPolicies:
        """Return none."""
        return _NO_POLICIES

    def version_acl(
        self, bucket: BucketRecord, key: str, version_id: str | None
    ) -> VersionAcl | None:
        """Return none."""
        return None

    def circumstances(self, asking: Asking) -> Values:
        """Return none."""
        return {}


def policies_of(known: Known, asking: Asking) -> IdentityPolicies:
    """The policies of the caller, found once for all questions of a request."""
    principal, request = asking.principal, asking.request
    if principal.is_root or principal.is_anonymous:
        return _NO_POLICIES
    remembered = getattr(request, "remembered", None)
    if remembered is not None and remembered[0] is principal:
        found: IdentityPolicies = remembered[1]
        return found
    found = known.identity(principal)
    if request is not None:
        request.remembered = principal, found
    return found


def resource_arn(bucket: BucketRecord, key: str = "") -> str:
    """The name by which policies and messages speak of a bucket or an object."""
    return bucket_arn(bucket.name, key)


def bucket_arn(name: str, key: str = "") -> str:
    """The same for a bucket that may not exist."""
    return f"arn:aws:s3:::{name}/{key}" if key else f"arn:aws:s3:::{name}"
