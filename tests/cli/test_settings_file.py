"""`ferroxd export` and `ferroxd import`: what they take, what they print, how they end."""

import base64
import errno
import io
import json
import os
from pathlib import Path

import pytest

from ferrox.cli.main import main
from ferrox.clock import SettableClock
from ferrox.identity import KeyRecord, UserRecord
from ferrox.storage.identities.transaction import Tx
from ferrox.storage.keys.kms_keys import KmsKeys
from ferrox.storage.keys.master_key import MasterKey, root_seal
from ferrox.storage.store import Store

Words = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def master_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name a master key."""
    (tmp_path / "master.key").write_bytes(base64.b64encode(bytes(32)))
    monkeypatch.setenv("FERROX_SSE_MASTER_KEY_FILE", str(tmp_path / "master.key"))


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    store = await Store.open(tmp_path / "data", clock=SettableClock(1))
    identities = store.identities
    account = identities.root_account()
    keys = KmsKeys(identities, root_seal(identities, MasterKey(bytes(32))), "us-east-1")

    def work(tx: Tx) -> None:
        tx.put(UserRecord(account.account_id, "alice", "AIDA1", 7))
        sealed = identities.seal_secret("AKIAALICE0000000", "the secret of alice")
        tx.put(KeyRecord("AKIAALICE0000000", account.account_id, "alice", sealed, 10))
        keys.make(tx, account.account_id, 11)

    with store.settings.changing() as change:
        work(Tx(change))
    bucket, _ = await store.create_bucket("photos", account.canonical_id, "us-east-1")
    await store.put_bucket_document(bucket, "tagging", {"TagSet": [{"Key": "a", "Value": "b"}]})
    await store.close()
    return tmp_path / "data"


@pytest.fixture
def passphrase(tmp_path: Path) -> str:
    (tmp_path / "passphrase").write_text("correct horse battery\n")
    return str(tmp_path / "passphrase")


def exported(data_dir: Path, target: Path, *more: str) -> str:
    assert 0 == main(["export", str(target), "--data-dir", str(data_dir), *more])
    return target.read_text()


async def test_what_is_exported_is_imported_and_exported_again(
    data_dir: Path, tmp_path: Path, passphrase: str, capsys: Words
) -> None:
    more = ("--passphrase-file", passphrase)
    text = exported(data_dir, tmp_path / "one.json", *more)
    (tmp_path / "two.json").write_text(text)

    status = main(
        ["import", str(tmp_path / "one.json"), "--data-dir", str(tmp_path / "new"), *more]
    )

    assert (0, "5 created\n") == (status, capsys.readouterr().out)
    assert text == exported(tmp_path / "new", tmp_path / "two.json", *more)
    assert "the secret of alice" not in text
    assert 0o600 == (tmp_path / "one.json").stat().st_mode & 0o777
    store = await Store.open(tmp_path / "new", clock=SettableClock(1))
    key = store.identities.key("AKIAALICE0000000")
    assert key is not None
    assert "the secret of alice" == store.identities.open_secret(key)
    await store.close()


def test_without_a_passphrase_it_says_what_is_left_out(
    data_dir: Path, tmp_path: Path, capsys: Words
) -> None:
    exported(data_dir, tmp_path / "one.json")

    told = capsys.readouterr().err
    assert "the secrets of 1 access key" in told
    assert ": 1 key of KMS" in told

    assert 0 == main(["import", str(tmp_path / "one.json"), "--data-dir", str(tmp_path / "new")])
    assert "left out  access key AKIAALICE0000000: its secret is not there" in (
        capsys.readouterr().out
    )


def test_refusals_change_nothing_and_are_status_1(
    data_dir: Path, tmp_path: Path, capsys: Words
) -> None:
    text = exported(data_dir, tmp_path / "one.json")
    (tmp_path / "other.json").write_text(text.replace('"Value": "b"', '"Value": "c"'))
    command = ["import", str(tmp_path / "other.json"), "--data-dir", str(data_dir)]
    capsys.readouterr()

    assert 1 == main(command)
    output = capsys.readouterr().out
    assert "refused   bucket photos: it is there already and differs" in output
    assert "nothing is changed" in output
    assert text == exported(data_dir, tmp_path / "one.json")

    assert 0 == main([*command, "--replace", "--dry-run"])
    assert "replaced  bucket photos" in capsys.readouterr().out
    assert text == exported(data_dir, tmp_path / "one.json")

    assert 0 == main([*command, "--replace", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["is_done"]
    assert {"what": "bucket photos", "outcome": "replaced", "reason": ""} in report["things"]


def test_to_try_it_makes_no_data_directory(data_dir: Path, tmp_path: Path, capsys: Words) -> None:
    exported(data_dir, tmp_path / "one.json")

    command = ["import", str(tmp_path / "one.json"), "--data-dir", str(tmp_path / "new")]
    assert 0 == main([*command, "--dry-run"])

    assert "created   bucket photos" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


def test_a_terminal_and_a_pipe_will_do(
    data_dir: Path, tmp_path: Path, capsys: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 == main(["export", "-", "--data-dir", str(data_dir)])
    text = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    assert 0 == main(["import", "-", "--data-dir", str(tmp_path / "new")])
    assert "ferrox settings" == json.loads(text)["kind"]


def test_another_passphrase_is_refused(
    data_dir: Path, tmp_path: Path, passphrase: str, capsys: Words
) -> None:
    exported(data_dir, tmp_path / "one.json", "--passphrase-file", passphrase)
    (tmp_path / "passphrase").write_text("another passphrase")

    command = ["import", str(tmp_path / "one.json"), "--passphrase-file", passphrase]

    assert 2 == main([*command, "--data-dir", str(tmp_path / "new")])
    assert "not the passphrase" in capsys.readouterr().err


def test_somebody_elses_data_directory_is_refused(
    data_dir: Path, tmp_path: Path, capsys: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(data_dir, tmp_path / "one.json")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    assert 2 == main(["import", str(tmp_path / "one.json"), "--data-dir", str(data_dir)])
    assert "run this as that user" in capsys.readouterr().err


def test_nothing_but_an_export_is_written_over(
    data_dir: Path, tmp_path: Path, capsys: Words
) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader")

    assert 2 == main(["export", str(tmp_path / "letter.txt"), "--data-dir", str(data_dir)])

    assert "not written over" in capsys.readouterr().err
    assert "Dear reader" == (tmp_path / "letter.txt").read_text()


def test_a_full_drive_is_left_as_it_was(
    data_dir: Path, tmp_path: Path, capsys: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(os, "fsync", fail)
    target = tmp_path / "one.json"

    assert 2 == main(["export", str(target), "--data-dir", str(data_dir)])

    expected = f"ferroxd: {target} cannot be written: No space left on device\n"
    assert expected == capsys.readouterr().err.splitlines(keepends=True)[-1]
    assert before == sorted(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ["export"],
        ["import"],
        ["export", "a", "b"],
        ["export", "x", "--data-dir", "/does/not/exist"],
        ["export", "x", "--replace"],
        ["import", "/does/not/exist"],
        ["import", "x", "--frobnicate"],
        ["export", "x", "--passphrase-file", "/does/not/exist"],
        ["export", "/does/not/exist/x"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    arguments: list[str], data_dir: Path, capsys: Words
) -> None:
    if "--data-dir" not in arguments:
        arguments = [*arguments, "--data-dir", str(data_dir)]

    assert 2 == main(arguments)

    output = capsys.readouterr()
    assert ("", 1) == (output.out, len(output.err.splitlines()))


def test_help_of_both(capsys: Words) -> None:
    assert [0, 0] == [main(["export", "--help"]), main(["import", "--help"])]

    output = capsys.readouterr().out
    assert "ferroxd backup" in output
    assert "--dry-run" in output


def test_a_document_that_is_not_there_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.json"

    assert 2 == main(["import", str(path), "--data-dir", str(tmp_path / "data")])

    assert f"ferroxd: {path} cannot be read: No such file or directory\n" == (
        capsys.readouterr().err
    )
