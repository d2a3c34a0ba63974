"""Access control lists as requests ask for them: named by headers or documents, then resolved.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ferrox.document_errors import (
    MalformedACLError,
    MissingSecurityHeader,
    UnexpectedContent,
    UnresolvableGrantByEmailAddress,
)
from ferrox.errors import (
    AccessControlListNotSupported,
    AccessDenied,
    InvalidArgument,
    InvalidRequest,
)
from ferrox.iam import acl
from ferrox.iam.acl import Access, Ownership
from ferrox.operations.call import Call, Services
from ferrox.protocol.acl import CANNED_HEADER, HEADERS, NamedGrantee, named_in_headers
from ferrox.protocol.shapes.acl import AccessControlPolicy, AclInput
from ferrox.records import Grant

_OF_HEADERS = {acl.CANONICAL_USER: "id", acl.GROUP: "uri"}
_OF_DOCUMENTS = {acl.CANONICAL_USER: "CanonicalUser/ID", acl.GROUP: "Group/URI"}
"""What AWS calls a grantee that does not exist, by where it was named."""

_HARMLESS = frozenset({None, "private", acl.OWNER_FULL_CONTROL})
"""Lists with names that a write may bring although lists are off."""


def of_new_object(call: Call, key: str) -> tuple[str, Sequence[Grant] | None]:
    """Whose the object will be that the request is about to write, and its list.

    Who may write an object may give it a list, as its writer, unless that is denied.
    """
    headers, bucket = call.request.headers, call.bucket
    if HEADERS.isdisjoint(headers):
        if call.principal.canonical_id == bucket.owner_id:
            return bucket.owner_id, None
    else:
        call.services.authorizer.require_undenied(
            call.principal, "s3:PutObjectAcl", bucket, key, request=call.request
        )
    access = call.services.access(bucket)
    if not access.has_lists:
        _require_harmless(call)
        return bucket.owner_id, None
    owner_id = call.principal.canonical_id or acl.ANONYMOUS_OWNER_ID
    if (
        access.ownership is Ownership.BUCKET_OWNER_PREFERRED
        and headers.get(CANNED_HEADER) == acl.OWNER_FULL_CONTROL
    ):
        owner_id = bucket.owner_id
    grants = in_headers(call.services, headers, owner_id, bucket.owner_id)
    if grants is None:
        return owner_id, None
    require_settable(call, "s3:PutObject", access, grants, key)
    return owner_id, stored(grants, owner_id)


def asked_for(call: Call, args: AclInput, owner_id: str, names: Collection[str]) -> list[Grant]:
    """The list that a request sets, by its headers or by its document.

    Where lists are off, the one that says so is let pass: programs write back what they have read.
    """
    if args.access_control_policy is not None:
        _check_owner(call, args.access_control_policy, owner_id)
    if call.services.access(call.bucket).has_lists:
        return _asked_for(call, args, owner_id, names)
    try:
        asked = _asked_for(call, args, owner_id, names)
    except (InvalidArgument, UnresolvableGrantByEmailAddress):
        raise AccessControlListNotSupported from None
    is_named = call.request.headers.get(CANNED_HEADER) not in {None, acl.OWNER_FULL_CONTROL}
    if is_named or asked != acl.only_owner(owner_id):
        raise AccessControlListNotSupported
    return asked


def _asked_for(call: Call, args: AclInput, owner_id: str, names: Collection[str]) -> list[Grant]:
    policy = args.access_control_policy
    headers = call.request.headers
    if policy is None:
        grants = in_headers(call.services, headers, owner_id, call.bucket.owner_id, names)
        if grants is None:
            raise MissingSecurityHeader(MissingHeaderName=CANNED_HEADER)
        return grants
    return _resolved(call.services, _named_in(policy), _OF_DOCUMENTS)


def _check_owner(call: Call, policy: AccessControlPolicy, owner_id: str) -> None:
    """Refuse a document that stands beside headers, or speaks of another owner than there is."""
    if not HEADERS.isdisjoint(call.request.headers):
        raise UnexpectedContent
    if policy.owner is None or not policy.owner.id:
        raise MalformedACLError
    if policy.owner.id == owner_id:
        return
    _require_account(call.services, policy.owner.id, _OF_DOCUMENTS)
    raise AccessDenied().because("the list names another owner than there is")


def in_headers(
    services: Services,
    headers: Mapping[str, str],
    owner_id: str,
    bucket_owner_id: str,
    names: Collection[str] = acl.CANNED,
) -> list[Grant] | None:
    """The list that headers ask for; None if none does.

    names  of the lists that can be asked for by name
    """
    name = headers.get(CANNED_HEADER)
    named = list(named_in_headers(headers))
    if name is not None and named:
        raise InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
    if named:
        return _resolved(services, named, _OF_HEADERS)
    if name is None:
        return None
    if name not in names:
        raise InvalidArgument(ArgumentName=CANNED_HEADER, ArgumentValue=name)
    return acl.canned(name, owner_id, bucket_owner_id)


def require_settable(
    call: Call, action: str, access: Access, grants: Sequence[Grant], key: str = ""
) -> None:
    """Raise unless the bucket lets this list be set."""
    if not access.has_lists:
        raise AccessControlListNotSupported
    if access.blocks_public_acls and acl.is_public(grants):
        raise call.services.authorizer.refusal(
            call.principal,
            action,
            call.bucket,
            key,
            reason="public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public "
            "Access",
            request=call.request,
        )


def stored(grants: Sequence[Grant], owner_id: str) -> Sequence[Grant] | None:
    """A list as it is stored: the one that everything begins with is none."""
    return None if grants == acl.only_owner(owner_id) else grants


def _require_harmless(call: Call) -> None:
    """Refuse a write that brings a list where lists are off, unless it grants nothing to others."""
    headers, owner_id = call.request.headers, call.bucket.owner_id
    try:
        grants = in_headers(call.services, headers, owner_id, owner_id)
    except (InvalidArgument, UnresolvableGrantByEmailAddress):
        raise AccessControlListNotSupported from None
    if headers.get(CANNED_HEADER) not in _HARMLESS or (
        grants is not None and grants != acl.only_owner(owner_id)
    ):
        raise AccessControlListNotSupported


def _named_in(policy: AccessControlPolicy) -> Iterator[NamedGrantee]:
    """What a document says."""
    for grant in policy.grants or []:
        grantee = grant.grantee
        if grantee is None or grant.permission is None:
            raise MalformedACLError
        names = {acl.CANONICAL_USER: grantee.id, acl.GROUP: grantee.uri}
        name = names.get(grantee.type, grantee.email_address)
        if name is None:
            raise MalformedACLError
        yield NamedGrantee(grantee.type, name, grant.permission)


def _resolved(
    services: Services, named: Iterable[NamedGrantee], arguments: Mapping[str, str]
) -> list[Grant]:
    """Those who are named, if all of them exist.

    arguments  what a grantee of each kind is called in a refusal
    """
    grants = []
    for kind, name, permission in named:
        if kind == acl.GROUP:
            if name not in acl.GROUPS:
                raise InvalidArgument(
                    "Invalid group uri", ArgumentName=arguments[kind], ArgumentValue=name
                )
        elif kind != acl.CANONICAL_USER:
            raise UnresolvableGrantByEmailAddress  # accounts have no addresses here
        else:
            _require_account(services, name, arguments)
        grants.append(Grant(kind, name, permission))
    if len(grants) > acl.MOST_GRANTS:
        raise MalformedACLError
    return grants


def _require_account(services: Services, canonical_id: str, arguments: Mapping[str, str]) -> None:
    if services.accounts(canonical_id) is None:
        raise InvalidArgument(
            "Invalid id",
            ArgumentName=arguments[acl.CANONICAL_USER],
            ArgumentValue=canonical_id,
        )
