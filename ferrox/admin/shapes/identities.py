"""Accounts, users, groups, policies and keys.

An account is named by its number or by its name; `root` is always the first account.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from ferrox.admin.schema import Between, Instant
from ferrox.admin.shapes.paging import Paged

AccountName = Annotated[str, "Number or name of the account; root is the first one."]
UserName = Annotated[str, "Name of the user."]
GroupName = Annotated[str, "Name of the group."]
PolicyName = Annotated[str, "Name or ARN of the managed policy."]
KeyId = Annotated[str, "Id of the access key."]
Status = Literal["Active", "Inactive"]


@dataclass(frozen=True, kw_only=True)
class OneAccount:
    """Which account."""

    account: AccountName


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """An account that is to be made."""

    name: Annotated[str, "What it is called.", Between(1, 50)]


@dataclass(frozen=True, kw_only=True)
class AccountRename:
    """Which account, and what it is called from now on."""

    account: AccountName
    name: Annotated[str, "What it is called.", Between(1, 50)]


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """An access key with its secret, which is shown this once and never again."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """An account."""

    name: str
    account_id: Annotated[str, "12 digits, as ARNs have them."]
    canonical_id: Annotated[str, "64 hexadecimal digits, as owners have them."]
    arn: Annotated[str, "Of its root."]
    created: Instant | None


@dataclass(frozen=True, kw_only=True)
class AccountMade:
    """A new account, and the key pair of its root."""

    account: AccountView
    access_key: KeyPair


@dataclass(frozen=True, kw_only=True)
class AccountPage:
    """Accounts by number."""

    accounts: tuple[AccountView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class OfAccount(Paged):
    """Whose, and which page."""

    account: AccountName = "root"


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """A user that is to be made, with all it needs to begin."""

    account: AccountName = "root"
    name: Annotated[str, "Name of the user.", Between(1, 64)]
    path: Annotated[str, "Path in its ARN."] = "/"
    policy: Annotated[tuple[str, ...], "Managed policies to attach, by name or ARN."] = ()
    group: Annotated[tuple[str, ...], "Groups to join."] = ()
    boundary: Annotated[str | None, "Managed policy that limits it, by name or ARN."] = None
    without_key: Annotated[bool, "Make no access key."] = False


@dataclass(frozen=True, kw_only=True)
class OneUser:
    """Which user."""

    account: AccountName = "root"
    user: UserName


@dataclass(frozen=True, kw_only=True)
class UserRemoval:
    """Which user, and what of it may go with it."""

    account: AccountName = "root"
    user: UserName
    force: Annotated[bool, "Remove its keys, policies and memberships, too."] = False


@dataclass(frozen=True, kw_only=True)
class UserView:
    """A user."""

    name: str
    arn: str
    user_id: str
    created: Instant | None
    groups: tuple[str, ...]
    policies: Annotated[tuple[str, ...], "ARNs of managed policies attached to it."]
    inline: Annotated[tuple[str, ...], "Names of policies of its own."]
    boundary: Annotated[str | None, "ARN of the managed policy that limits it."]
    keys: Annotated[tuple[str, ...], "Ids of its access keys."]


@dataclass(frozen=True, kw_only=True)
class UserMade:
    """A new user, and its key pair unless none was wanted."""

    user: UserView
    access_key: KeyPair | None


@dataclass(frozen=True, kw_only=True)
class UserPage:
    """Users by name."""

    users: tuple[UserView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class UserPolicy:
    """A user and a managed policy."""

    account: AccountName = "root"
    user: UserName
    policy: PolicyName


@dataclass(frozen=True, kw_only=True)
class UserGroup:
    """A user and a group."""

    account: AccountName = "root"
    user: UserName
    group: GroupName


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """An access key that is to be made."""

    account: AccountName = "root"
    user: Annotated[str | None, "Whose; without, it is one of the account's root."] = None


@dataclass(frozen=True, kw_only=True)
class KeysOf(Paged):
    """Whose keys."""

    account: AccountName = "root"
    user: Annotated[str | None, "Of this user; without, all of the account."] = None


@dataclass(frozen=True, kw_only=True)
class OneKey:
    """Which access key."""

    key: KeyId


@dataclass(frozen=True, kw_only=True)
class KeyStatusChange:
    """Which access key, and whether it works from now on."""

    key: KeyId
    status: Status


@dataclass(frozen=True, kw_only=True)
class KeyView:
    """An access key, without its secret."""

    access_key_id: str
    account_id: str
    user: Annotated[str | None, "null for the account's root."]
    status: Status
    created: Instant | None
    expires: Instant | None
    last_used: Annotated[Instant | None, "When it last signed a request."]
    last_service: Annotated[str | None, "What that request asked for: s3, iam, sts."]


@dataclass(frozen=True, kw_only=True)
class KeyPage:
    """Access keys by id."""

    keys: tuple[KeyView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class NewGroup:
    """A group that is to be made."""

    account: AccountName = "root"
    name: Annotated[str, "Name of the group.", Between(1, 128)]
    path: Annotated[str, "Path in its ARN."] = "/"


@dataclass(frozen=True, kw_only=True)
class OneGroup:
    """Which group."""

    account: AccountName = "root"
    group: GroupName


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A group."""

    name: str
    arn: str
    group_id: str
    created: Instant | None
    members: Annotated[tuple[str, ...], "Names of users."]
    policies: Annotated[tuple[str, ...], "ARNs of managed policies attached to it."]
    inline: Annotated[tuple[str, ...], "Names of policies of its own."]


@dataclass(frozen=True, kw_only=True)
class GroupPage:
    """Groups by name."""

    groups: tuple[GroupView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class GroupPolicy:
    """A group and a managed policy."""

    account: AccountName = "root"
    group: GroupName
    policy: PolicyName


@dataclass(frozen=True, kw_only=True)
class NewPolicy:
    """A managed policy that is to be made."""

    account: AccountName = "root"
    name: Annotated[str, "Name of the policy.", Between(1, 128)]
    document: Annotated[dict[str, Any], "The policy, in AWS's language."]
    path: Annotated[str, "Path in its ARN."] = "/"
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class PolicyChange:
    """A managed policy, and what it says from now on; its former versions are kept, up to five."""

    account: AccountName = "root"
    policy: PolicyName
    document: Annotated[dict[str, Any], "The policy, in AWS's language."]


@dataclass(frozen=True, kw_only=True)
class OnePolicy:
    """Which managed policy."""

    account: AccountName = "root"
    policy: PolicyName


@dataclass(frozen=True, kw_only=True)
class PoliciesOf(Paged):
    """Whose managed policies."""

    account: AccountName = "root"
    builtin: Annotated[bool, "Those that come with the server, too."] = False


@dataclass(frozen=True, kw_only=True)
class PolicySummary:
    """A managed policy, without what it says."""

    name: str
    arn: str
    version: Annotated[str, "Of its versions the one in force."]
    updated: Instant | None
    description: str


@dataclass(frozen=True, kw_only=True)
class PolicyView:
    """A managed policy."""

    name: str
    arn: str
    version: Annotated[str, "Of its versions the one in force."]
    updated: Instant | None
    description: str
    versions: tuple[str, ...]
    document: Annotated[dict[str, Any], "What the version in force says."]


@dataclass(frozen=True, kw_only=True)
class PolicyPage:
    """Managed policies by name."""

    policies: tuple[PolicySummary, ...]
    next: str | None
