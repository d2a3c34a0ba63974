"""An OCI image archive as bytes: blobs named by their digest, an index, and a tar around them.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md is the form. Beside it lies
manifest.json, the index of Docker's own archives, pointing to the same blobs: `docker load` of
every age reads the file, too. Everything is a function of what is given: same input, same bytes.
"""

import hashlib
import io
import json
import struct
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

OCI = "application/vnd.oci.image."
INDEX, MANIFEST, CONFIG = (f"{OCI}{kind}.v1+json" for kind in ("index", "manifest", "config"))
LAYER = f"{OCI}layer.v1.tar+gzip"

Document = dict[str, Any]


class Image(NamedTuple):
    """One architecture of the image."""

    architecture: str
    layers: Sequence[bytes]
    config: Mapping[str, Any]


def archive(images: Sequence[Image], name: str, epoch_s: int) -> bytes:
    """The archive of an image called `name:tag` in these architectures; the first is Docker's."""
    blobs = _Blobs()
    manifests = [_manifest(blobs, image, epoch_s) for image in images]
    top = manifests[0]
    if len(manifests) > 1:
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
        top = blobs.add_json(INDEX, index)
    tag = name.rpartition(":")[2]
    annotations = {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": tag,
    }
    files = {
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
        "index.json": _json(
            {
                "schemaVersion": 2,
                "mediaType": INDEX,
                "manifests": [{**top, "annotations": annotations}],
            }
        ),
        "manifest.json": _json([_docker_entry(blobs, manifests[0], name)]),
        **blobs.files,
    }
    return _tar(files, epoch_s)


def gzipped(data: bytes) -> bytes:
    """Compressed, with nothing in the header that is not always the same."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    end = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return header + deflater.compress(data) + deflater.flush() + end


class _Blobs:
    """The content-addressed files, each once."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, media_type: str, data: bytes) -> Document:
        """Keep the data; return the descriptor that points to it."""
        digest = hashlib.sha256(data).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = data
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def add_json(self, media_type: str, document: Document) -> Document:
        """The same for a document."""
        return self.add(media_type, _json(document))

    def read(self, descriptor: Document) -> Document:
        """The document behind a descriptor."""
        found: Document = json.loads(self.files[_path(descriptor)])
        return found


def _manifest(blobs: _Blobs, image: Image, epoch_s: int) -> Document:
    """Add one architecture; return its descriptor."""
    created = datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in image.layers]
    config = {
        "created": created,
        "architecture": image.architecture,
        "os": "linux",
        "config": dict(image.config),
        "rootfs": {"type": "layers", "diff_ids": digests},
        "history": [{"created": created, "created_by": "scripts/image"} for _ in image.layers],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blobs.add_json(CONFIG, config),
        "layers": [blobs.add(LAYER, gzipped(layer)) for layer in image.layers],
        "annotations": dict(image.config.get("Labels", {})),
    }
    platform = {"architecture": image.architecture, "os": "linux"}
    return {**blobs.add_json(MANIFEST, manifest), "platform": platform}


def _docker_entry(blobs: _Blobs, descriptor: Document, name: str) -> Document:
    manifest = blobs.read(descriptor)
    return {
        "Config": _path(manifest["config"]),
        "RepoTags": [name],
        "Layers": [_path(layer) for layer in manifest["layers"]],
    }


def _path(descriptor: Document) -> str:
    return "blobs/" + str(descriptor["digest"]).replace(":", "/")


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _tar(files: Mapping[str, bytes], epoch_s: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as out:
        for path in sorted(files):
            member = tarfile.TarInfo(path)
            member.size, member.mode, member.mtime = len(files[path]), 0o644, epoch_s
            out.addfile(member, io.BytesIO(files[path]))
    return buffer.getvalue()
