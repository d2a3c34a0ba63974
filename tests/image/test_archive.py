"""The image archive, read back by the rules of the OCI image layout."""

import gzip
import hashlib
import io
import json
import tarfile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from build.image.archive import Image, archive, gzipped

EPOCH_S = 1_790_000_000
CONFIG = {"User": "65532", "Labels": {"org.opencontainers.image.title": "ferroxd"}}
AMD64 = Image("amd64", [b"layer of amd64"], CONFIG)
ARM64 = Image("arm64", [b"layer of arm64"], CONFIG)


def files(data: bytes) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            found[member.name] = content.read()
    return found


def follow(found: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    """The blob behind a descriptor, its size and digest checked as a reader would."""
    algorithm, _, digest = descriptor["digest"].partition(":")
    blob = found[f"blobs/{algorithm}/{digest}"]
    assert (descriptor["size"], digest) == (len(blob), hashlib.sha256(blob).hexdigest())
    return blob


def test_the_way_from_the_index_to_the_bytes_is_whole() -> None:
    found = files(archive([AMD64], "ferroxd:1.2.3", EPOCH_S))

    [top] = json.loads(found["index.json"])["manifests"]
    manifest = json.loads(follow(found, top))
    config = json.loads(follow(found, manifest["config"]))
    [layer] = [gzip.decompress(follow(found, layer)) for layer in manifest["layers"]]

    assert {"imageLayoutVersion": "1.0.0"} == json.loads(found["oci-layout"])
    assert "1.2.3" == top["annotations"]["org.opencontainers.image.ref.name"]
    assert ("amd64", "linux", CONFIG) == (config["architecture"], config["os"], config["config"])
    assert b"layer of amd64" == layer
    assert [f"sha256:{hashlib.sha256(layer).hexdigest()}"] == config["rootfs"]["diff_ids"]
    assert "2026-09-21T14:13:20Z" == config["created"]


def test_two_architectures_lie_behind_one_index() -> None:
    found = files(archive([AMD64, ARM64], "ferroxd:1.2.3", EPOCH_S))

    [top] = json.loads(found["index.json"])["manifests"]
    behind = json.loads(follow(found, top))["manifests"]
    layers = [json.loads(follow(found, one))["layers"][0] for one in behind]

    assert "application/vnd.oci.image.index.v1+json" == top["mediaType"]
    assert ["amd64", "arm64"] == [one["platform"]["architecture"] for one in behind]
    assert [b"layer of amd64", b"layer of arm64"] == [
        gzip.decompress(follow(found, layer)) for layer in layers
    ]


def test_docker_finds_the_same_blobs_by_its_own_index() -> None:
    found = files(archive([AMD64, ARM64], "ferroxd:1.2.3", EPOCH_S))

    [entry] = json.loads(found["manifest.json"])

    assert ["ferroxd:1.2.3"] == entry["RepoTags"]
    assert "amd64" == json.loads(found[entry["Config"]])["architecture"]
    assert [b"layer of amd64"] == [gzip.decompress(found[name]) for name in entry["Layers"]]


def test_every_blob_is_pointed_to() -> None:
    found = files(archive([AMD64, ARM64], "ferroxd:1.2.3", EPOCH_S))

    text = b"".join(content for name, content in found.items() if name != "manifest.json")
    unused = [name for name in found if "/" in name and name.split("/")[-1].encode() not in text]

    assert [] == unused


def test_the_same_image_is_the_same_bytes_and_another_day_is_not() -> None:
    first = archive([AMD64], "ferroxd:1.2.3", EPOCH_S)

    assert first == archive([AMD64], "ferroxd:1.2.3", EPOCH_S)
    assert first != archive([AMD64], "ferroxd:1.2.3", EPOCH_S + 1)


@given(st.binary(max_size=5000))
def test_what_is_compressed_comes_back(data: bytes) -> None:
    assert data == gzip.decompress(gzipped(data))
    assert b"\x1f\x8b\x08\x00\x00\x00\x00\x00" == gzipped(data)[:8]
