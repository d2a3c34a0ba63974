"""Settings go from one running server into another, and are in force there at once."""

import base64
import json
from pathlib import Path

import pytest

from tests.cli.test_server_backup import client, ferroxd
from tests.server_process import serving

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}],
    }
)
TRUST = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::%s:user/alice"}, "Action": "sts:AssumeRole"}]}"""
CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}]}


def test_settings_go_from_one_running_server_into_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "master.key").write_bytes(base64.b64encode(bytes(32)))
    (tmp_path / "passphrase").write_text("correct horse battery")
    monkeypatch.setenv("FERROX_SSE_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    more = ("--passphrase-file", str(tmp_path / "passphrase"))
    file = str(tmp_path / "settings.json")
    with (
        serving(tmp_path / "one", "--workers", "2") as one,
        serving(tmp_path / "two", "--workers", "2") as two,
    ):
        s3, iam, kms, sts = (client(one, name) for name in ("s3", "iam", "kms", "sts"))
        account_id = sts.get_caller_identity()["Account"]
        iam.create_user(UserName="alice")
        iam.put_user_policy(UserName="alice", PolicyName="all", PolicyDocument=POLICY)
        alice = iam.create_access_key(UserName="alice")["AccessKey"]
        iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST % account_id)
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        wrapped = kms.encrypt(KeyId=key_id, Plaintext=b"text")["CiphertextBlob"]
        s3.create_bucket(Bucket="photos", ObjectLockEnabledForBucket=True)
        s3.put_bucket_cors(Bucket="photos", CORSConfiguration=CORS)
        ferroxd("export", file, "--data-dir", str(one.data_dir), *more)

        ferroxd("import", file, "--data-dir", str(two.data_dir), *more)

        keys = {"access_key": alice["AccessKeyId"], "secret_key": alice["SecretAccessKey"]}
        s3, kms, sts = (client(two, name, **keys) for name in ("s3", "kms", "sts"))
        for _ in range(8):  # whichever worker answers
            assert account_id == sts.get_caller_identity()["Account"]
            assert CORS["CORSRules"] == s3.get_bucket_cors(Bucket="photos")["CORSRules"]
        assert b"text" == kms.decrypt(CiphertextBlob=wrapped)["Plaintext"]
        s3.put_object(
            Bucket="photos", Key="k", Body=b"data",
            ServerSideEncryption="aws:kms", SSEKMSKeyId=key_id,
        )  # fmt: skip
        assert b"data" == s3.get_object(Bucket="photos", Key="k")["Body"].read()
        former = Path(file).read_text()
        two_again = json.loads(
            ferroxd("import", file, "--json", "--data-dir", str(two.data_dir), *more)
        )
        assert {"unchanged", "left out"} == {thing["outcome"] for thing in two_again["things"]}
        ferroxd("export", file, "--data-dir", str(one.data_dir), *more)
        assert former == Path(file).read_text()
