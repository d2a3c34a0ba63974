"""minio-py with credentials that it gets from STS itself, which it asks in its own ways."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from minio import Minio
from minio.credentials.providers import AssumeRoleProvider, Provider, WebIdentityProvider

from tests.clients.staff import Staff, employed
from tests.clients.tool import REGION
from tests.oidc_issuer import issuing
from tests.server_process import ServerProcess


@pytest.fixture
def staff(server: ServerProcess, s3: Any, bucket: str) -> Iterator[Staff]:
    """A user, a role and a bucket of this test's own, with an object in it."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"data")
    with employed(server, bucket) as made:
        yield made


def read(staff: Staff, provider: Provider) -> bytes:
    """The object, with the credentials of a provider."""
    address = f"{staff.server.host}:{staff.server.port}"
    client = Minio(endpoint=address, credentials=provider, secure=False, region=REGION)
    answer = client.get_object(bucket_name=staff.name, object_name="key")
    try:
        return bytes(answer.read())
    finally:
        answer.close()
        answer.release_conn()


def test_a_role_is_taken(staff: Staff) -> None:
    provider = AssumeRoleProvider(
        sts_endpoint=staff.server.endpoint,
        access_key=staff.key["AccessKeyId"],
        secret_key=staff.key["SecretAccessKey"],
        region=REGION,
        role_arn=staff.role_arn,
        role_session_name="minio",
    )

    assert b"data" == read(staff, provider)


def test_a_token_is_exchanged(staff: Staff) -> None:
    with issuing("RS256") as issuer:
        made = staff.iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"])
        arn = made["OpenIDConnectProviderArn"]
        staff.trust({"Federated": arn}, "sts:AssumeRoleWithWebIdentity")
        token = issuer.token(time.time_ns() // 1_000_000)
        provider = WebIdentityProvider(
            jwt_provider_func=lambda: {"access_token": token},
            sts_endpoint=staff.server.endpoint,
            role_arn=staff.role_arn,
            role_session_name="minio",
        )

        assert b"data" == read(staff, provider)
        staff.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
