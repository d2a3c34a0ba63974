"""The modules of build/terraform, carried out by Terraform as far as that goes without a cloud.

Providers come from the folder that FERROX_TERRAFORM_PLUGINS names, a mirror of the registry, or
from the registry itself; what needs one that cannot be had is skipped.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ferrox import config
from tests.clients.tool import Tool, environment, executable
from tests.clients.witness import client
from tests.deploy.recipes import BUILD, in_environment
from tests.server_process import ServerProcess, serving

LIMIT_S = 100
PROGRAM = b"#!/bin/sh\necho this is ferroxd\n"
USUAL: dict[str, Any] = {
    "program_url": "https://example.com/ferroxd-0.1.0-linux-amd64",
    "program_sha256": "0" * 64,
}
FULL: dict[str, Any] = {
    **USUAL,
    "data_device": "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol1",
    "settings": {"region": "eu-central-1", "domain": "s3.example.com", "log_format": "json"},
    "secret_commands": {
        "settings": 'printf \'access_key = "%s"\\nsecret_key = "%s"\\n\' root root-secret',
        "master_passphrase": "echo passphrase",
        "sse_master_key": "echo key",
    },
    "tls": "self-signed",
    "tls_names": ["192.0.2.1"],
}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The recipes where Terraform may write beside them."""
    for name in ("terraform", "systemd", "helm"):
        shutil.copytree(BUILD / name, tmp_path / name)
    (tmp_path / "terraformrc").touch()
    return tmp_path / "terraform"


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Terraform, kept from the settings of whoever runs the tests."""
    found = shutil.which("terraform") or executable("tofu")
    return subprocess.run(
        [found, *arguments], cwd=folder, capture_output=True, text=True, timeout=LIMIT_S,
        check=False, env=plain_environment(folder),
    )  # fmt: skip


def plain_environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HTTPS_PROXY"}}
    rc = next(up / "terraformrc" for up in folder.parents if (up / "terraformrc").exists())
    return {
        **kept, "HOME": str(folder), "TF_CLI_CONFIG_FILE": str(rc), "TF_IN_AUTOMATION": "1",
        "TF_CLI_ARGS": "-no-color", "CHECKPOINT_DISABLE": "1",
    }  # fmt: skip


def succeed(folder: Path, *arguments: str) -> str:
    done = terraform(folder, *arguments)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def outputs(folder: Path, source: str, variables: dict[str, Any], *names: str) -> dict[str, Any]:
    """What a module makes of variables, where it needs no provider."""
    apply(folder, source, variables, *names)
    found = json.loads(succeed(folder, "output", "-json"))
    return {name: found[name]["value"] for name in names}


def apply(
    folder: Path, source: str, variables: dict[str, Any], *names: str
) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    root = {
        "module": {"it": {"source": source, **variables}},
        "output": {name: {"value": f"${{module.it.{name}}}"} for name in names},
    }
    (folder / "main.tf.json").write_text(json.dumps(root))
    succeed(folder, "init")
    return terraform(folder, "apply", "-auto-approve")


def cloud_config(copied: Path, variables: dict[str, Any]) -> dict[str, str]:
    """The files that cloud-init would write."""
    given = outputs(
        copied / "root", "../cloud-init", variables, "user_data", "user_data_base64gzip"
    )
    head, _, text = given["user_data"].partition("\n")
    document = yaml.safe_load(text)

    assert "#cloud-config" == head
    assert len(given["user_data_base64gzip"]) < 16384  # of base64, so less than that of user data
    assert [["/usr/local/sbin/ferrox-install"]] == document["runcmd"]
    return {file["path"]: file["content"] for file in document["write_files"]}


def test_files_are_formatted() -> None:
    done = subprocess.run(
        [shutil.which("terraform") or executable("tofu"), "fmt", "-check", "-recursive", "-diff"],
        cwd=BUILD / "terraform", capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip

    assert (0, "") == (done.returncode, done.stdout)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("module", ["aws-instance", "examples/single-node", "kubernetes"])
def test_providers_take_what_they_are_told(module: str, copied: Path) -> None:
    mirror = os.environ.get("FERROX_TERRAFORM_PLUGINS")
    from_mirror = [f"-plugin-dir={mirror}"] if mirror else []
    try:
        done = terraform(copied / module, "init", "-backend=false", *from_mirror)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the providers of {module} take too long to come")
    if done.returncode:
        pytest.skip(f"the providers of {module} cannot be had here")

    succeed(copied / module, "validate")
    if (copied / module / "tests").is_dir():
        assert "0 failed" in succeed(copied / module, "test")


def test_a_machine_is_told_no_more_than_it_has_to_know(copied: Path) -> None:
    files = cloud_config(copied, USUAL)

    assert (BUILD / "systemd/ferroxd.service").read_text() == files[
        "/etc/systemd/system/ferroxd.service"
    ]
    drop_ins = {Path(path).name for path in files if "ferroxd.service.d" in path}
    assert {"static-user.conf", "cloud.conf"} == drop_ins
    assert "mkfs" not in files["/usr/local/sbin/ferrox-install"]
    assert "self-signed" not in files["/usr/local/sbin/ferrox-install"]


def test_a_machine_is_told_all_that_was_asked_for(copied: Path, tmp_path: Path) -> None:
    files = cloud_config(copied, FULL)

    drop_ins = {Path(path).name for path in files if "ferroxd.service.d" in path}
    wanted = {"static-user.conf", "cloud.conf", "tls.conf"}
    assert wanted | {"master-passphrase.conf", "sse-master-key.conf"} == drop_ins
    install = files["/usr/local/sbin/ferrox-install"]
    assert f'device="{FULL["data_device"]}"' in install
    assert "--names 'localhost,192.0.2.1,s3.example.com'" in install
    file = tmp_path / "settings.toml"
    file.write_text(files["/etc/ferrox/settings.toml"])
    loaded = config.load({}, {"FERROX_CONFIG": str(file)})
    assert ("eu-central-1", ("s3.example.com",), "json") == (
        loaded.region,
        loaded.domain,
        loaded.log_format,
    )


@pytest.mark.parametrize("variables", [USUAL, FULL], ids=["usual", "full"])
def test_scripts_of_a_machine_are_scripts(variables: dict[str, Any], copied: Path) -> None:
    files = cloud_config(copied, variables)
    scripts = [text for path, text in files.items() if path.startswith("/usr/local/sbin/")]

    assert 3 == len(scripts)
    for text in scripts:
        done = subprocess.run(
            ["bash", "-n"], input=text, capture_output=True, text=True, check=False
        )
        assert (0, "") == (done.returncode, done.stderr)


def script(text: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", text, "script", *arguments], cwd=folder, capture_output=True, text=True,
        timeout=LIMIT_S, check=False,
    )  # fmt: skip


def test_secrets_are_kept_where_only_root_reads_them(copied: Path, tmp_path: Path) -> None:
    files = cloud_config(copied, FULL)
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "settings.toml").write_text(files["/etc/ferrox/settings.toml"])

    done = script(files["/usr/local/sbin/ferrox-secrets"], tmp_path, str(folder))

    assert (0, "") == (done.returncode, done.stderr)
    kept = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    del kept["settings.toml"]
    assert (
        dict.fromkeys(
            ["ferroxd.toml", "secret-settings.toml", "master-passphrase", "sse-master-key"], 0o600
        )
        == kept
    )
    loaded = config.load({}, {"FERROX_CONFIG": str(folder / "ferroxd.toml")})
    assert ("root", "root-secret", "json") == (
        loaded.access_key,
        loaded.secret_key,
        loaded.log_format,
    )
    assert "passphrase\n" == (folder / "master-passphrase").read_text()


@pytest.mark.parametrize("command", ["false", "true", "echo half; exit 3"])
def test_a_secret_that_cannot_be_had_leaves_the_former_one(
    command: str, copied: Path, tmp_path: Path
) -> None:
    files = cloud_config(copied, {**USUAL, "secret_commands": {"settings": command}})
    (tmp_path / "settings.toml").touch()
    (tmp_path / "secret-settings.toml").write_text("former")

    done = script(files["/usr/local/sbin/ferrox-secrets"], tmp_path, str(tmp_path))

    assert 0 != done.returncode
    assert "former" == (tmp_path / "secret-settings.toml").read_text()
    assert not (tmp_path / "ferroxd.toml").exists()  # so that the unit refuses to start


def install_program(folder: Path, sha256: str) -> subprocess.CompletedProcess[str]:
    """Fetches the program of a file, which curl knows how to do as well."""
    (folder / "source").write_bytes(PROGRAM)
    text = (BUILD / "terraform/cloud-init/templates/ferrox-program").read_text()
    url = (folder / "source").as_uri()
    return script(text, folder, url, sha256, str(folder / "ferroxd"))


def sha256_of(data: bytes, folder: Path) -> str:
    return subprocess.run(
        ["sha256sum"], input=data, capture_output=True, check=True, cwd=folder
    ).stdout.decode()[:64]


def test_the_program_is_installed_if_it_is_the_one(tmp_path: Path) -> None:
    sha256 = sha256_of(PROGRAM, tmp_path)

    first = install_program(tmp_path, sha256)
    before = (tmp_path / "ferroxd").stat()
    again = install_program(tmp_path, sha256)

    assert (0, 0) == (first.returncode, again.returncode), first.stderr + again.stderr
    assert PROGRAM == (tmp_path / "ferroxd").read_bytes()
    assert (0o755, before.st_ino) == (before.st_mode & 0o777, (tmp_path / "ferroxd").stat().st_ino)


def test_another_program_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "ferroxd").write_bytes(b"former")

    done = install_program(tmp_path, "0" * 64)

    assert (1, True) == (done.returncode, "is not the program with SHA-256 000" in done.stderr)
    assert {"ferroxd", "source"} == {path.name for path in tmp_path.iterdir()}
    assert b"former" == (tmp_path / "ferroxd").read_bytes()


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"program_url": "http://example.com/ferroxd"}, "begins with https://"),
        ({"program_url": "https://example.com/'; reboot"}, "holds no white space"),
        ({"program_sha256": "abc"}, "64 hexadecimal digits"),
        ({"data_device": "/etc/passwd"}, "below /dev"),
        ({"settings": {"secret_key": "x"}}, "secrets do not belong"),
        ({"settings": {"data_dir": "x"}}, "is decided here"),
        ({"settings": {"a\nb": "x"}}, "settings are named"),
        ({"tls": "on"}, "off, self-signed or files"),
        ({"tls": "files"}, "needs secret_commands.tls_certificate"),
        ({"tls_names": ["a; b"]}, "host names and addresses"),
    ],
)
def test_what_would_not_work_is_refused_before(
    variables: dict[str, Any], complaint: str, copied: Path
) -> None:
    done = apply(copied / "root", "../cloud-init", {**USUAL, **variables}, "user_data")

    assert 1 == done.returncode
    assert complaint in " ".join(done.stderr.replace("│", " ").split())


RELEASES: dict[str, dict[str, Any]] = {
    "usual": {},
    "full": {
        "name": "store",
        "image_digest": f"sha256:{'0' * 64}",
        "image_tag": "0.1.0",
        "storage_class": "fast",
        "settings": {"region": "eu-central-1", "lifecycle_interval": 0.5, "access_log": False},
        "buckets": ["photos", "archive:object-lock"],
        "secrets": {
            "root_credentials": "root",
            "master_passphrase": "passphrase",
            "encryption": "encryption",
            "tls": "tls",
            "metrics_token": "token",
        },
        "encryption_mode": "default",
        "ingress": {"hosts": ["s3.example.com"], "class_name": "nginx", "controller": "nginx"},
        "service_monitor": True,
    },
}


@pytest.mark.parametrize("name", RELEASES)
def test_the_chart_takes_the_values_of_the_module(name: str, copied: Path) -> None:
    folder = copied / "values"
    folder.mkdir()
    for file in ("variables.tf", "values.tf"):
        shutil.copy(copied / "kubernetes" / file, folder)
    (folder / "out.tf").write_text('output "values" {\n  value = yamlencode(local.values)\n}\n')
    variables = {"image_repository": "registry.example.com/ferroxd", **RELEASES[name]}
    text = outputs(copied / "root", "../values", variables, "values")["values"]

    values = yaml.safe_load(text)
    schema = json.loads((BUILD / "helm/ferrox/values.schema.json").read_text())
    assert [] == in_environment("complaints", {"schema": schema, "document": values})
    assert RELEASES[name].get("settings", {}) == values["settings"]
    assert ("ingress" in values) == (name == "full")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data") as started:
        yield started
        started.expect_clean_log()


def test_ferrox_keeps_the_state_of_terraform_and_its_lock(
    server: ServerProcess, copied: Path
) -> None:
    """The example as it stands, twice; and once while somebody else holds the lock."""
    s3 = client(server)
    s3.create_bucket(Bucket="states")
    s3.put_bucket_versioning(Bucket="states", VersioningConfiguration={"Status": "Enabled"})
    folder = copied / "examples" / "state-backend"
    env = plain_environment(folder) | environment(folder, server)
    tool = Tool(shutil.which("terraform") or "tofu", env=env, cwd=folder)
    key = "example/terraform.tfstate"

    tool("init", "-input=false", f'-backend-config=endpoints={{s3="{server.endpoint}"}}')
    tool("apply", "-auto-approve")
    first = json.loads(s3.get_object(Bucket="states", Key=key)["Body"].read())
    s3.put_object(Bucket="states", Key=f"{key}.tflock", Body=b'{"ID": "somebody-else"}')
    refused = tool.refused("apply", "-auto-approve", "-var", "greeting=no")
    s3.delete_object(Bucket="states", Key=f"{key}.tflock")
    tool("apply", "-auto-approve", "-var", "greeting=again")

    assert "Error acquiring the state lock" in refused
    assert "somebody-else" in refused
    last = json.loads(s3.get_object(Bucket="states", Key=key)["Body"].read())
    assert ("hello", "again") == tuple(one["outputs"]["greeting"]["value"] for one in (first, last))
    assert [key] == [one["Key"] for one in s3.list_objects_v2(Bucket="states")["Contents"]]
    versions = s3.list_object_versions(Bucket="states", Prefix=key)["Versions"]
    assert 2 == len([one for one in versions if one["Key"] == key])
    tool("destroy", "-auto-approve")
