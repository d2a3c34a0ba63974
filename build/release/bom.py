"""The bill of materials: what is inside the program, as CycloneDX 1.6.

https://cyclonedx.org/docs/1.6/json/ has the members. The document is a function of its input: the
serial number is derived from it, the time is that of the commit.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from build.release.components import Component

NAMESPACE = uuid.UUID("3f7c1a52-6d0c-5c0e-9a55-2a1d6f6b9b10")

Document = dict[str, Any]


def document(
    version: str, programs: Mapping[str, str], components: Sequence[Component], epoch_s: int
) -> bytes:
    """The bill of this version; `programs` has the SHA-256 of each released file by its name."""
    parts = sorted(components, key=lambda part: part.purl)
    root = _root(version, programs)
    body: Document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tools": {"components": [{"type": "application", "name": "scripts/release"}]},
            "component": root,
        },
        "components": [_component(part) for part in parts],
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": [part.purl for part in parts]},
            *({"ref": part.purl} for part in parts),
        ],
    }
    serial = uuid.uuid5(NAMESPACE, json.dumps(body, sort_keys=True))
    body["serialNumber"] = serial.urn
    return (json.dumps(body, indent=2, sort_keys=True) + "\n").encode()


def _root(version: str, programs: Mapping[str, str]) -> Document:
    """The program itself; each file of it that is released is a part with its hash."""
    return {
        "type": "application",
        "bom-ref": f"pkg:generic/ferroxd@{version}",
        "name": "ferroxd",
        "version": version,
        "licenses": _licenses("Apache-2.0"),
        "purl": f"pkg:generic/ferroxd@{version}",
        "components": [
            {
                "type": "file",
                "bom-ref": name,
                "name": name,
                "hashes": _hashes(digest),
            }
            for name, digest in sorted(programs.items())
        ],
    }


def _component(part: Component) -> Document:
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "hashes": _hashes(part.sha256),
        "licenses": _licenses(part.license),
    }


def _hashes(sha256: str) -> list[Document]:
    return [{"alg": "SHA-256", "content": sha256}]


def _licenses(expression: str) -> list[Document]:
    """A plain licence by its name; anything composed as an expression."""
    if " " in expression:
        return [{"expression": expression}]
    return [{"license": {"id": expression}}]
