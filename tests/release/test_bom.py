"""The bill of materials keeps to what CycloneDX 1.6 demands."""

import json
import re

from build.release import bom
from build.release.components import Component

EPOCH_S = 1_790_000_000
PARTS = [
    Component("musl", "1.2.5", "pkg:deb/debian/musl@1.2.5-3", "MIT", "d" * 64, {}),
    Component("uvloop", "0.23", "pkg:pypi/uvloop@0.23", "MIT OR Apache-2.0", "a" * 64, {}),
]
PROGRAMS = {"ferroxd-1.2.3-linux-amd64": "f" * 64}


def test_the_bill_names_the_program_its_files_and_its_parts() -> None:
    bill = json.loads(bom.document("1.2.3", PROGRAMS, PARTS, EPOCH_S))

    root = bill["metadata"]["component"]
    assert ("CycloneDX", "1.6", 1) == (bill["bomFormat"], bill["specVersion"], bill["version"])
    assert ("ferroxd", "1.2.3", [{"license": {"id": "Apache-2.0"}}]) == (
        root["name"], root["version"], root["licenses"],
    )  # fmt: skip
    assert [("ferroxd-1.2.3-linux-amd64", [{"alg": "SHA-256", "content": "f" * 64}])] == [
        (file["name"], file["hashes"]) for file in root["components"]
    ]
    assert [("musl", "1.2.5"), ("uvloop", "0.23")] == [
        (part["name"], part["version"]) for part in bill["components"]
    ]


def test_a_composed_licence_is_an_expression_and_a_plain_one_a_name() -> None:
    bill = json.loads(bom.document("1.2.3", PROGRAMS, PARTS, EPOCH_S))

    assert [[{"license": {"id": "MIT"}}], [{"expression": "MIT OR Apache-2.0"}]] == [
        part["licenses"] for part in bill["components"]
    ]


def test_references_are_unique_and_lead_somewhere() -> None:
    bill = json.loads(bom.document("1.2.3", PROGRAMS, PARTS, EPOCH_S))

    root = bill["metadata"]["component"]
    references = [part["bom-ref"] for part in [root, *root["components"], *bill["components"]]]
    depends = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert len(references) == len(set(references))
    assert {part.purl for part in PARTS} == set(depends[root["bom-ref"]])
    assert set(depends) <= set(references)


def test_the_bill_is_a_function_of_what_is_told() -> None:
    first = bom.document("1.2.3", PROGRAMS, PARTS, EPOCH_S)
    serial = json.loads(first)["serialNumber"]

    assert first == bom.document("1.2.3", PROGRAMS, PARTS[::-1], EPOCH_S)
    assert serial != json.loads(bom.document("1.2.4", PROGRAMS, PARTS, EPOCH_S))["serialNumber"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", serial)
    assert "2026-09-21T14:13:20Z" == json.loads(first)["metadata"]["timestamp"]
