"""The nouns of identity: who owns, who asks, with which key, and which policies they have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html

Plain immutable values that every layer may know, as those of ferrox/records.py. Names of users,
groups, roles and policies are unique within their account without regard to case. Documents of
policies are kept as they were written.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

PARTITION = "aws"


def kind_and_name(arn: str) -> tuple[str, str]:
    """What is in an ARN of IAM: user, group, role, root, and what its owner calls it.

    A path may hold anything that can be seen, colons and what looks like another kind among it.
    """
    kind, _, path = arn.split(":", 5)[-1].partition("/")
    return kind, path.rpartition("/")[2]


class PrincipalKind(StrEnum):
    """What a caller is, as the condition key aws:PrincipalType says it."""

    ANONYMOUS = "Anonymous"
    ROOT = "Account"
    USER = "User"
    ROLE_SESSION = "AssumedRole"
    FEDERATED = "FederatedUser"


class Session(NamedTuple):
    """What temporary credentials say beside their key.

    policies         the policies that limit the session, which grants what one of them grants:
                     texts, or ARNs of managed policies as they are at each request
    issued_ms        when it began
    issuer_key_id    the access key that asked for it, without which it is worth nothing; "" where
                     a token of an identity provider was given for it
    tags             by key, as they were given; of sessions that began with others' also theirs
    transitive_tags  keys of the tags that go on to the sessions this one begins
    source_identity  who began the first of a chain of sessions, in that one's words
    provider         ARN of the identity provider whose token was exchanged for it, if any
    subject          whom that provider's token names
    """

    issued_ms: int
    expires_ms: int
    issuer_key_id: str = ""
    policies: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    source_identity: str = ""
    provider: str = ""
    subject: str = ""
    is_mfa: bool = False


class Principal(NamedTuple):
    """Who a request acts as, after authentication. An anonymous caller has an empty account id.

    display_name  of the account
    user_id       aws:userid: of a user its unique id, of a session `role id:session name`
    user_name     of a user, and nobody else
    parent_arn    of a session, the role or user whose permissions it has
    session       of temporary credentials only
    """

    account_id: str
    canonical_id: str
    display_name: str
    arn: str
    access_key_id: str
    kind: PrincipalKind = PrincipalKind.ROOT
    user_id: str = ""
    user_name: str = ""
    parent_arn: str = ""
    session: Session | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody signed the request."""
        return not self.account_id

    @property
    def is_root(self) -> bool:
        """Whether it is the account itself, to which its own policies do not apply."""
        return self.kind is PrincipalKind.ROOT


ANONYMOUS = Principal("", "", "", "*", "", PrincipalKind.ANONYMOUS)
ANONYMOUS_ID = "anonymous"
"""aws:userid of whoever does not sign."""


class Account(NamedTuple):
    """Who owns buckets, objects and identities."""

    account_id: str
    canonical_id: str
    display_name: str
    created_ms: int = 0
    alias: str = ""

    @property
    def root_arn(self) -> str:
        """The name of the account as a caller."""
        return f"arn:{PARTITION}:iam::{self.account_id}:root"


class AccessKeyRecord(NamedTuple):
    """A credential and whom it speaks for."""

    access_key_id: str
    secret_access_key: str
    principal: Principal

    def __repr__(self) -> str:
        """Name the key, never the secret: records end up in logs and tracebacks."""
        return f"AccessKeyRecord({self.access_key_id!r})"


class KeyStatus(StrEnum):
    """Whether an access key works."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"


class KeyRecord(NamedTuple):
    """An access key as it is stored; its secret only sealed.

    user_name   whose it is; "" for the root of the account
    expires_ms  when it stops working; None: never
    """

    access_key_id: str
    account_id: str
    user_name: str
    sealed_secret: str
    created_ms: int
    status: KeyStatus = KeyStatus.ACTIVE
    expires_ms: int | None = None

    def __repr__(self) -> str:
        """Name the key, never the secret, sealed as it is."""
        return f"KeyRecord({self.access_key_id!r}, {self.status.value})"


class KeyUse(NamedTuple):
    """A use of an access key: when, for which service, in which region."""

    used_ms: int
    service: str
    region: str


class UserRecord(NamedTuple):
    """A user.

    attached  ARNs of managed policies
    inline    texts of policies by name
    boundary  ARN of the managed policy that limits it, or ""
    groups    names of the groups it is in
    keys      ids of its access keys
    """

    account_id: str
    name: str
    user_id: str
    created_ms: int
    path: str = "/"
    attached: tuple[str, ...] = ()
    inline: Mapping[str, str] = {}
    boundary: str = ""
    groups: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    tags: Mapping[str, str] = {}

    @property
    def arn(self) -> str:
        """Its name in policies."""
        return f"arn:{PARTITION}:iam::{self.account_id}:user{self.path}{self.name}"


class GroupRecord(NamedTuple):
    """A group of users; `members` are their names."""

    account_id: str
    name: str
    group_id: str
    created_ms: int
    path: str = "/"
    attached: tuple[str, ...] = ()
    inline: Mapping[str, str] = {}
    members: tuple[str, ...] = ()

    @property
    def arn(self) -> str:
        """Its name in policies."""
        return f"arn:{PARTITION}:iam::{self.account_id}:group{self.path}{self.name}"


class RoleRecord(NamedTuple):
    """A role; `trust_policy` says who may assume it."""

    account_id: str
    name: str
    role_id: str
    created_ms: int
    trust_policy: str
    path: str = "/"
    description: str = ""
    max_session_s: int = 3600
    attached: tuple[str, ...] = ()
    inline: Mapping[str, str] = {}
    boundary: str = ""
    tags: Mapping[str, str] = {}

    @property
    def arn(self) -> str:
        """Its name in policies."""
        return f"arn:{PARTITION}:iam::{self.account_id}:role{self.path}{self.name}"


class PolicyVersion(NamedTuple):
    """One version of a managed policy; `version_id` is v1, v2, …"""

    version_id: str
    text: str
    created_ms: int


class PolicyRecord(NamedTuple):
    """A managed policy; account_id is `aws` for those that come with the server.

    last_version  the number of the newest version there ever was
    """

    account_id: str
    name: str
    policy_id: str
    created_ms: int
    updated_ms: int
    versions: tuple[PolicyVersion, ...]
    default_version_id: str
    last_version: int
    path: str = "/"
    description: str = ""
    tags: Mapping[str, str] = {}

    @property
    def arn(self) -> str:
        """Its name in policies."""
        return f"arn:{PARTITION}:iam::{self.account_id}:policy{self.path}{self.name}"

    @property
    def text(self) -> str:
        """The version that is in force."""
        return next(one.text for one in self.versions if one.version_id == self.default_version_id)


class ProviderRecord(NamedTuple):
    """An OpenID Connect provider whose tokens roles may trust; `url` without `https://`."""

    account_id: str
    url: str
    created_ms: int
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    tags: Mapping[str, str] = {}

    @property
    def arn(self) -> str:
        """Its name in policies."""
        return f"arn:{PARTITION}:iam::{self.account_id}:oidc-provider/{self.url}"
