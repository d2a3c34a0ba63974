"""The container image of the frozen program: read by others, run on nothing, built both ways."""

import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import certifi
import pytest
from botocore.exceptions import ClientError

from build.image import assemble, layer
from ferrox import __version__
from tests.frozen.container import Engine
from tests.server_process import ROOT

NAME = f"localhost/ferroxd:{__version__}"
KEYS = ("FERROXCLIENTTESTS", "secret/of+the/client=tests")
ARM64 = 183  # e_machine
COMPRESSED_BUDGET = 12 * 1024 * 1024


@pytest.fixture(scope="module")
def image(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that scripts/image makes."""
    path = tmp_path_factory.mktemp("image") / "image.tar"
    data = assemble.assemble(
        {"amd64": dist / "ferroxd-folder"},
        certificates=Path(certifi.where()).read_bytes(), revision="abc", epoch_s=1_790_000_000,
    )  # fmt: skip
    path.write_bytes(data)
    return path


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Storage of these tests' own; images are large, so nothing stays."""
    with tempfile.TemporaryDirectory(prefix="ferrox-") as run:
        made = Engine(tmp_path_factory.mktemp("engine"), Path(run))
        yield made
        made.podman("rmi", "--all", "--force")


@pytest.fixture(scope="module")
def loaded(engine: Engine, image: Path) -> str:
    """The image in the engine's storage."""
    engine.podman("load", "--quiet", "--input", image)
    return NAME


@pytest.fixture
def unpacked(image: Path, tmp_path: Path) -> Path:
    """The file system of the image as a folder, owners and modes included."""
    root = tmp_path / "root"
    with tarfile.open(image) as archive:
        file = archive.extractfile("manifest.json")
        assert file is not None
        [entry] = json.load(file)
        for name in entry["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(name)) as packed:
                packed.extractall(root, filter="fully_trusted")
    return root


def cage(root: Path) -> list[str]:
    """How the program is started in this root, as the user of the image."""
    user = f"{layer.USER}:{layer.USER}"
    return ["chroot", f"--userspec={user}", "--groups=", str(root), "/ferroxd"]


def client(endpoint: str) -> Any:
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id=KEYS[0], aws_secret_access_key=KEYS[1],
    )  # fmt: skip


def check_store(endpoint: str) -> None:
    """Store and fetch, small and large."""
    s3 = client(endpoint)
    bodies = {"small": b"bytes", "large": os.urandom(3_000_000)}
    s3.create_bucket(Bucket="bucket")
    for key, body in bodies.items():
        s3.put_object(Bucket="bucket", Key=key, Body=body)
    fetched = {key: s3.get_object(Bucket="bucket", Key=key)["Body"].read() for key in bodies}
    s3.close()
    assert bodies == fetched


def test_the_image_keeps_its_budget(image: Path) -> None:
    assert image.stat().st_size <= COMPRESSED_BUDGET


def test_the_program_tests_itself_as_an_ordinary_user_in_the_bare_file_system(
    unpacked: Path,
) -> None:
    """No /proc, no /dev, no /etc but what the image brings."""
    if os.geteuid() != 0:
        pytest.fail("this test changes the root directory and needs to be run as root")

    done = subprocess.run(
        [*cage(unpacked), "selftest"], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip

    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert [] == list((unpacked / "tmp").iterdir())


def test_another_program_reads_the_archive(image: Path) -> None:
    told = [
        json.loads(
            subprocess.run(
                ["skopeo", "inspect", f"{form}:{image}"], capture_output=True, check=True
            ).stdout
        )
        for form in ("oci-archive", "docker-archive")
    ]

    for said in told:
        assert ("amd64", "linux", "2026-09-21T14:13:20Z") == (
            said["Architecture"], said["Os"], said["Created"],
        )  # fmt: skip
        assert __version__ == said["Labels"]["org.opencontainers.image.version"]


def test_another_program_finds_both_architectures(dist: Path, tmp_path: Path) -> None:
    """The program for arm64 is none here; that its place is found is what counts."""
    other, archive = tmp_path / "ferroxd", tmp_path / "image.tar"
    other.write_bytes(b"\x7fELF" + bytes(14) + ARM64.to_bytes(2, "little"))
    archive.write_bytes(
        assemble.assemble(
            {"amd64": dist / "ferroxd-folder", "arm64": other},
            certificates=b"", revision="abc", epoch_s=1_790_000_000,
        )
    )  # fmt: skip

    found = [
        json.loads(
            subprocess.run(
                ["skopeo", f"--override-arch={name}", "inspect", f"oci-archive:{archive}"],
                capture_output=True, check=True,
            ).stdout
        )["Architecture"]
        for name in ("amd64", "arm64")
    ]  # fmt: skip

    assert ["amd64", "arm64"] == found


def test_a_container_serves_on_a_read_only_root(
    engine: Engine, loaded: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    os.chown(data, layer.USER, layer.USER)
    port = free_port()
    options = [
        f"--volume={data}:/data", f"--env=FERROX_BIND=127.0.0.1:{port}",
        f"--env=FERROX_ACCESS_KEY={KEYS[0]}", f"--env=FERROX_SECRET_KEY={KEYS[1]}",
        '--health-cmd=["/ferroxd", "health"]',
    ]  # fmt: skip

    with engine.container(loaded, options=options) as container:
        engine.wait_healthy(container)
        check_store(f"http://127.0.0.1:{port}")
        engine.podman("stop", "--time=30", container)
        [state] = json.loads(engine.podman("inspect", container))

    assert 0 == state["State"]["ExitCode"]
    assert {layer.USER} == {path.stat().st_uid for path in data.rglob("*")}


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])
def test_a_container_for_tests_needs_nothing_but_its_environment(
    engine: Engine, loaded: str, place: str
) -> None:
    """Not even a place to write to beside the one that containers have."""
    port = free_port()
    options = [
        f"--env=FERROX_EPHEMERAL_BIND=127.0.0.1:{port}", "--env=FERROX_EPHEMERAL=on",
        f"--env=FERROX_EPHEMERAL_DIR={place}", "--env=FERROX_SEED_BUCKETS=seen,other",
        f"--env=FERROX_ACCESS_KEY={KEYS[0]}", f"--env=FERROX_SECRET_KEY={KEYS[1]}",
        '--health-cmd=["/ferroxd", "health"]',
    ]  # fmt: skip

    with engine.container(loaded, options=options) as container:
        engine.wait_healthy(container)
        check_store(f"http://127.0.0.1:{port}")
        listed = client(f"http://127.0.0.1:{port}").list_buckets()["Buckets"]
        told = engine.podman("exec", container, "/ferroxd", "inject", "add", "*:503", "--json")
        with pytest.raises(ClientError, match="SlowDown"):
            client(f"http://127.0.0.1:{port}").list_buckets()
        engine.podman("stop", "--time=30", container)
        [state] = json.loads(engine.podman("inspect", container))

    assert {"bucket", "other", "seen"} == {bucket["Name"] for bucket in listed}
    assert "*:503" == json.loads(told)["rule"]
    assert 0 == state["State"]["ExitCode"]


def test_an_engine_builds_the_same_image_from_the_dockerfile(
    engine: Engine, loaded: str, dist: Path, tmp_path: Path
) -> None:
    context = tmp_path / "context"
    shutil.copytree(ROOT / "build" / "image" / "etc", context / "build" / "image" / "etc")
    shutil.copytree(dist / "ferroxd-folder", context / "dist" / "ferroxd-folder", symlinks=True)
    shutil.copy(certifi.where(), context / "dist" / "cacert.pem")

    engine.buildah(
        "build", "--isolation=chroot", "--format=docker", "--tag=built", "--quiet",
        f"--file={ROOT / 'Dockerfile.scratch'}", "--build-arg=PROGRAM=dist/ferroxd-folder",
        "--build-arg=CERTIFICATES=dist/cacert.pem", f"--build-arg=VERSION={__version__}",
        "--build-arg=REVISION=abc", context,
    )  # fmt: skip

    built, assembled = (configuration(engine, name) for name in ("localhost/built", loaded))
    assert built == assembled
    assert files(engine, "localhost/built") == files(engine, loaded)
    [said] = json.loads(engine.podman("inspect", "localhost/built"))
    assert ["CMD", "/ferroxd", "health"] == said["Healthcheck"]["Test"]


def configuration(engine: Engine, image: str) -> Mapping[str, Any]:
    """What a container would start with, less what the builder says of itself."""
    [said] = json.loads(engine.podman("inspect", image))
    config: dict[str, Any] = said["Config"]
    config["Labels"].pop("io.buildah.version", None)
    config["Env"] = [item for item in config["Env"] if not item.startswith("PATH=")]
    return config


def files(engine: Engine, image: str) -> dict[str, tuple[int, int, int, int]]:
    """Mode, owners and size of everything in an image."""
    container = engine.buildah("from", "--pull-never", image).strip()
    root = Path(engine.buildah("mount", container).strip())
    found = {}
    for path in root.rglob("*"):
        said = path.lstat()
        size = 0 if path.is_dir() else said.st_size
        found[path.relative_to(root).as_posix()] = (said.st_mode, said.st_uid, said.st_gid, size)
    engine.buildah("rm", container)
    return found


def free_port() -> int:
    """A port that the kernel gave away and nobody took since."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
