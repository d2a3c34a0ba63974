"""admin/openapi.py: the document says what the table says."""

import re
from typing import Any

from ferrox.admin import openapi
from ferrox.admin.table import ENDPOINTS

DOCUMENT = openapi.document(ENDPOINTS)


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*map(references, node.values()))
    if isinstance(node, list):
        return set[str]().union(*map(references, node))
    return set()


def test_every_row_is_an_operation() -> None:
    operations = {
        (method.upper(), path, operation["operationId"])
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }

    assert {(row.method, row.path, row.name) for row in ENDPOINTS} == operations


def test_every_reference_leads_somewhere_and_nothing_is_described_in_vain() -> None:
    found = {name.rpartition("/")[2] for name in references(DOCUMENT)}

    assert set(DOCUMENT["components"]["schemas"]) == found


def test_every_field_of_a_path_is_a_parameter() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert set(re.findall(r"\{([a-z_]+)\}", path)) == in_path


def test_a_body_says_what_must_stand_in_it() -> None:
    body = DOCUMENT["paths"]["/accounts"]["post"]["requestBody"]

    assert body["required"] is True
    schema = body["content"]["application/json"]["schema"]
    assert ["name"] == schema["required"]
    assert schema["additionalProperties"] is False


def test_an_answer_without_content_has_none() -> None:
    responses = DOCUMENT["paths"]["/accounts/{account}"]["delete"]["responses"]

    assert {"description": "Done."} == responses["204"]
    assert "default" in responses


def test_a_stream_is_one() -> None:
    responses = DOCUMENT["paths"]["/events/stream"]["get"]["responses"]

    assert ["text/event-stream"] == list(responses["200"]["content"])
