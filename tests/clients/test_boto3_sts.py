"""boto3's STS against the port of S3, and S3 with the temporary credentials that it gives."""

import random
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.staff import Staff, employed, policy, trusting
from tests.clients.tls_front import write_certificate
from tests.clients.tool import fetch
from tests.clients.witness import code, read
from tests.oidc_issuer import DISCOVERY, Issuer, issuing
from tests.server_process import ServerProcess, serving


@pytest.fixture
def staff(server: ServerProcess, s3: Any, bucket: str) -> Iterator[Staff]:
    """A user, a role and a bucket of this test's own, with an object in it."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    with employed(server, bucket) as made:
        yield made


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def issuer(request: pytest.FixtureRequest) -> Iterator[Issuer]:
    """An identity provider."""
    with issuing(request.param) as running:
        yield running


@pytest.fixture
def federated(staff: Staff, issuer: Issuer) -> Iterator[Staff]:
    """The role trusts the issuer for `user-1`."""
    arn = staff.iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=["app"], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    staff.trust(
        {"Federated": arn},
        "sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {f"{issuer.name}:sub": "user-1", f"{issuer.name}:aud": "app"}},
    )
    yield staff
    staff.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def now_ms() -> int:
    """What the server's clock says, too."""
    return time.time_ns() // 1_000_000


def test_a_role_is_taken_and_works_in_s3(staff: Staff) -> None:
    result = staff.sts().assume_role(**staff.taking, DurationSeconds=900)
    s3 = staff.s3(result)

    assert b"data" == read(s3, staff.name, "key")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=staff.name, Key="other", Body=b"")
    assert (403, "AccessDenied") == code(refused)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": staff.name, "Key": "key"})
    assert b"data" == fetch(url).body
    identity = staff.sts(result).get_caller_identity()
    assert result["AssumedRoleUser"]["Arn"] == identity["Arn"]
    assert result["SessionTokenSize"] == len(result["Credentials"]["SessionToken"])


def test_policies_limit_a_session(staff: Staff) -> None:
    listing = policy(Action="s3:ListBucket", Resource="*")
    arns = [{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}]
    result = staff.sts().assume_role(**staff.taking, Policy=listing)
    lister = staff.s3(result)
    reader = staff.s3(staff.sts().assume_role(**staff.taking, Policy=listing, PolicyArns=arns))

    assert 1 == lister.list_objects_v2(Bucket=staff.name)["KeyCount"]
    with pytest.raises(ClientError) as refused:
        read(lister, staff.name, "key")
    assert (403, "AccessDenied") == code(refused)
    assert b"data" == read(reader, staff.name, "key")
    assert 0 < result["PackedPolicySize"] < 10


@pytest.mark.parametrize("cause", ["the key is disabled", "the role is deleted"])
def test_a_session_is_stopped(staff: Staff, cause: str) -> None:
    s3 = staff.s3(staff.sts().assume_role(**staff.taking))
    assert b"data" == read(s3, staff.name, "key")

    if cause == "the key is disabled":
        staff.iam.update_access_key(
            UserName=staff.name, AccessKeyId=staff.key["AccessKeyId"], Status="Inactive"
        )
    else:
        staff.iam.delete_role_policy(RoleName=staff.name, PolicyName="all")
        staff.iam.delete_role(RoleName=staff.name)

    with pytest.raises(ClientError) as refused:
        read(s3, staff.name, "key")
    assert (403, "InvalidAccessKeyId") == code(refused)


def test_a_role_that_trusts_others_is_refused(staff: Staff) -> None:
    staff.trust({"AWS": staff.role_arn})

    with pytest.raises(ClientError) as refused:
        staff.sts().assume_role(**staff.taking)

    assert (403, "AccessDenied") == code(refused)
    assert refused.value.response["Error"]["Message"] == (
        f"User: {staff.user_arn} is not authorized to perform: sts:AssumeRole "
        f"on resource: {staff.role_arn}"
    )


def test_the_refusals_of_sts_have_classes_of_their_own(staff: Staff) -> None:
    sts = staff.sts()
    rng = random.Random(1)
    words = policy(Action=[f"s3:{rng.randbytes(30).hex()}" for _ in range(90)], Resource="*")

    with pytest.raises(sts.exceptions.MalformedPolicyDocumentException):
        sts.assume_role(**staff.taking, Policy="{")
    with pytest.raises(sts.exceptions.PackedPolicyTooLargeException, match="Packed policy"):
        sts.assume_role(**staff.taking, Policy=words)
    with pytest.raises(ClientError) as bad_name:
        sts.assume_role(RoleArn=staff.role_arn, RoleSessionName="a b")

    assert (400, "ValidationError") == code(bad_name)


def test_the_session_of_a_user(staff: Staff) -> None:
    staff.allow_user("s3:GetObject")
    result = staff.sts().get_session_token(DurationSeconds=900)

    assert b"data" == read(staff.s3(result), staff.name, "key")
    with pytest.raises(ClientError) as refused:
        staff.client("iam", result["Credentials"]).get_user()
    assert (403, "InvalidClientTokenId") == code(refused)
    with pytest.raises(ClientError) as again:
        staff.sts(result).get_session_token()
    assert (403, "AccessDenied") == code(again)


def test_somebody_gets_a_part_of_what_a_user_may(staff: Staff) -> None:
    staff.allow_user("sts:GetFederationToken", "s3:GetObject")
    result = staff.sts().get_federation_token(
        Name="bob", Policy=policy(Action=["s3:GetObject", "s3:PutObject"], Resource="*")
    )
    s3 = staff.s3(result)

    assert b"data" == read(s3, staff.name, "key")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=staff.name, Key="other", Body=b"")
    assert (403, "AccessDenied") == code(refused)
    assert result["FederatedUser"]["Arn"].endswith(":federated-user/bob")


def test_roles_are_taken_in_a_chain_with_tags(staff: Staff) -> None:
    staff.trust({"AWS": staff.user_arn}, "sts:*")
    staff.allow_role("sts:*")
    tag = {"Tags": [{"Key": "Team", "Value": "blue"}], "TransitiveTagKeys": ["Team"]}
    condition = {"StringEquals": {"aws:PrincipalTag/Team": "blue"}}
    next_arn = staff.iam.create_role(
        RoleName=f"{staff.name}-next",
        AssumeRolePolicyDocument=trusting({"AWS": staff.role_arn}, Condition=condition),
    )["Role"]["Arn"]
    taking = {"RoleArn": next_arn, "RoleSessionName": "next"}
    plain = staff.sts().assume_role(**staff.taking)
    tagged = staff.sts().assume_role(**staff.taking, **tag)

    second = staff.sts(tagged).assume_role(**taking)
    with pytest.raises(ClientError) as refused:
        staff.sts(plain).assume_role(**taking)

    assert second["AssumedRoleUser"]["Arn"].endswith(f"{staff.name}-next/next")
    assert (403, "AccessDenied") == code(refused)


def test_a_token_of_a_provider_is_exchanged(federated: Staff, issuer: Issuer) -> None:
    result = federated.exchange(issuer.token(now_ms()))

    assert b"data" == read(federated.s3(result), federated.name, "key")
    assert ("user-1", "app") == (result["SubjectFromWebIdentityToken"], result["Audience"])


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"sub": "user-2"}, "AccessDenied"),
        ({"aud": "other"}, "InvalidIdentityToken"),
        ({"exp": 1_000_000_000}, "ExpiredTokenException"),
        ({"nbf": 5_000_000_000}, "IDPRejectedClaim"),
        ({"iss": "https://login.example.com"}, "InvalidIdentityToken"),
    ],
)
def test_other_tokens_are_refused(
    federated: Staff, issuer: Issuer, claims: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ClientError) as refused:
        federated.exchange(issuer.token(now_ms(), **claims))

    assert expected == code(refused)[1]


def test_a_token_by_a_key_that_is_not_published_is_refused(
    federated: Staff, issuer: Issuer
) -> None:
    published = issuer.keys
    issuer.rotate()
    token = issuer.token(now_ms())
    issuer.keys = published

    with pytest.raises(ClientError) as refused:
        federated.exchange(token)

    assert (400, "InvalidIdentityToken") == code(refused)


def test_a_provider_changes_its_keys(federated: Staff) -> None:
    """Of one that was not asked before the change; how often it is asked needs another clock."""
    with issuing("ES384") as issuer:
        issuer.rotate()
        arn = federated.iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"])
        name = arn["OpenIDConnectProviderArn"]
        federated.trust({"Federated": name}, "sts:AssumeRoleWithWebIdentity")
        result = federated.exchange(issuer.token(now_ms()))
        federated.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=name)
        with pytest.raises(ClientError) as refused:
            federated.exchange(issuer.token(now_ms()))

    assert b"data" == read(federated.s3(result), federated.name, "key")
    assert (400, "InvalidIdentityToken") == code(refused)


def test_a_provider_that_is_down_is_told_apart(staff: Staff) -> None:
    with issuing() as issuer:
        issuer.changed[DISCOVERY] = 500, b""
        made = staff.iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"])
        with pytest.raises(ClientError) as refused:
            staff.exchange(issuer.token(now_ms()))
        staff.iam.delete_open_id_connect_provider(
            OpenIDConnectProviderArn=made["OpenIDConnectProviderArn"]
        )

    assert (400, "IDPCommunicationError") == code(refused)


def test_providers_are_kept_by_iam(staff: Staff) -> None:
    url = f"https://{staff.name}.example.com/"
    arn = staff.iam.create_open_id_connect_provider(
        Url=url, ClientIDList=["app"], Tags=[{"Key": "a", "Value": "b"}]
    )["OpenIDConnectProviderArn"]
    named = {"OpenIDConnectProviderArn": arn}
    staff.iam.add_client_id_to_open_id_connect_provider(**named, ClientID="web")
    staff.iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="app")
    staff.iam.update_open_id_connect_provider_thumbprint(**named, ThumbprintList=["1" * 40])
    staff.iam.tag_open_id_connect_provider(**named, Tags=[{"Key": "c", "Value": "d"}])
    staff.iam.untag_open_id_connect_provider(**named, TagKeys=["a"])

    found = staff.iam.get_open_id_connect_provider(**named)
    listed = staff.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    tags = staff.iam.list_open_id_connect_provider_tags(**named)["Tags"]
    staff.iam.delete_open_id_connect_provider(**named)

    assert (f"{staff.name}.example.com/", ["web"], ["1" * 40]) == (
        found["Url"],
        found["ClientIDList"],
        found["ThumbprintList"],
    )
    assert {"Arn": arn} in listed
    assert [{"Key": "c", "Value": "d"}] == tags == found["Tags"]
    with pytest.raises(staff.iam.exceptions.NoSuchEntityException):
        staff.iam.get_open_id_connect_provider(**named)


def test_a_session_is_the_same_in_every_worker(tmp_path: Path) -> None:
    """Each answer comes over a connection of its own, which any worker may take."""
    with (
        serving(tmp_path / "data", "--workers", "2") as server,
        employed(server, "everywhere") as staff,
    ):
        root = staff.client("s3")
        root.create_bucket(Bucket=staff.name)
        root.put_object(Bucket=staff.name, Key="key", Body=b"data")
        s3 = staff.s3(staff.sts().assume_role(**staff.taking))
        url = s3.generate_presigned_url("get_object", Params={"Bucket": staff.name, "Key": "key"})

        before = [fetch(url).status for _ in range(20)]
        staff.iam.update_access_key(
            UserName=staff.name, AccessKeyId=staff.key["AccessKeyId"], Status="Inactive"
        )
        after = [fetch(url).status for _ in range(20)]

    assert [200] * 20 == before
    assert [403] * 20 == after


def test_a_provider_has_a_certificate_of_an_authority_that_is_given(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with (
        serving(tmp_path / "data", "--oidc-ca-file", str(certificate)) as trusting_server,
        serving(tmp_path / "other") as other_server,
        issuing("ES256", tls) as issuer,
    ):
        for server, expected in ((trusting_server, ""), (other_server, "IDPCommunicationError")):
            with employed(server, "inside") as staff:
                made = staff.iam.create_open_id_connect_provider(
                    Url=issuer.url, ClientIDList=["app"]
                )
                arn = made["OpenIDConnectProviderArn"]
                staff.trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity")
                try:
                    staff.exchange(issuer.token(now_ms()))
                    found = ""
                except ClientError as refused:
                    found = refused.response["Error"]["Code"]

            assert expected == found
