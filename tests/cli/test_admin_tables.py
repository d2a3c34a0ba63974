"""cli/admin_tables.py: what a server answered, for people."""

import json
from typing import Any

import pytest

from ferrox.admin import schema
from ferrox.admin.endpoint import Endpoint
from ferrox.admin.table import ENDPOINTS
from ferrox.cli import admin_tables

ROWS = {row.name: row for row in ENDPOINTS}

EVENT = {
    "eventTime": "2026-09-21T14:13:20.000Z",
    "eventName": "ObjectCreated:Put",
    "s3": {"bucket": {"name": "shop"}, "object": {"key": "a\x1b[31m"}},
}


def shown(name: str, answer: Any) -> list[str]:
    return admin_tables.shown(ROWS[name], answer).splitlines()


def test_a_list_is_a_table_as_wide_as_what_stands_in_it() -> None:
    accounts = [
        {"name": "us", "account_id": "123456789012", "created": None, "arn": "x"},
        {"name": "somebody else", "account_id": "2", "created": "2026", "arn": "y"},
    ]

    assert [
        "NAME           ACCOUNT ID    CREATED",
        "us             123456789012  -",
        "somebody else  2             2026",
    ] == shown("ListAccounts", {"accounts": accounts, "next": None})


def test_an_empty_list_has_a_head() -> None:
    assert ["NAME  ACCOUNT ID  CREATED"] == shown("ListAccounts", {"accounts": [], "next": None})


def test_that_nothing_is_open_is_said() -> None:
    assert ["Anonymous callers can reach nothing."] == shown(
        "ListExposures", {"exposures": [], "next": None}
    )


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [
        (0, 8, "0 % of 8 buckets"),
        (7, 8, "87 % of 8 buckets"),
        (999, 1000, "99 % of 1,000 buckets"),
        (8, 8, "100 % of 8 buckets"),
        (9, 8, "100 % of 8 buckets"),
        (0, 0, "100 % of 0 buckets"),
        (5, None, "5 buckets"),
    ],
)
def test_how_far_a_job_is_stands_in_one_cell(done: int, total: int | None, said: str) -> None:
    progress = {"done": done, "total": total, "unit": "buckets"}
    job = {"name": "sweeping", "state": "working", "progress": progress, "rounds": 1}

    _, line = shown("ListJobs", {"jobs": [job]})

    assert ["sweeping", "working", said, "1", "-", "-"] == line.split("  ")[:1] + [
        part.strip() for part in line.split("  ")[1:] if part.strip()
    ]


def test_what_needs_something_damaged_stands_in_one_cell() -> None:
    holder = {
        "bucket": "b", "key": "k\x07", "version_id": "null", "upload_id": None,
        "part_number": None,
    }  # fmt: skip
    finding = {
        "kind": "blob", "name": "00", "problem": "blob 00 is missing", "found": "2026",
        "last_seen": "2027", "needed_by": [holder, holder], "needed_by_count": 2,
    }  # fmt: skip

    _, line = shown("ListScrubFindings", {"findings": [finding], "next": None})
    nothing = shown("ListScrubFindings", {"findings": [], "next": None})

    assert "b/'k\\x07' (version null), b/'k\\x07' (version null)  2" in line
    assert ["Nothing is known to be damaged."] == nothing


def test_one_thing_is_told_line_by_line() -> None:
    answer = {"name": "x", "max_bytes": None, "is_on": True, "keys": ["a", "b"], "none": []}

    assert [
        "name       x",
        "max bytes  -",
        "is on      yes",
        "keys       a, b",
        "none       -",
    ] == (shown("GetBucket", answer))


def test_things_within_things_are_told_below_them() -> None:
    pair = {"access_key_id": "AK", "secret_access_key": "SK"}

    assert ["user", "  name  alice", "access key", "  access key id      AK",
            "  secret access key  SK"] == shown(
        "CreateUser", {"user": {"name": "alice"}, "access_key": pair}
    )  # fmt: skip


def test_lists_within_things_are_tables() -> None:
    lines = shown("GetStats", {"version": "1", "workers": [{"pid": 1}, {"pid": 2}]})

    assert ["version  1", "workers", "  PID", "  1", "  2"] == lines


def test_what_was_signed_is_told_line_by_line_and_not_raw() -> None:
    """Only that: another text with ends of lines could pass for more than it is."""
    answer = {"key": "a\nb", "canonical_request": "GET\n/\n\nhost:\x1b", "string_to_sign": None}

    assert ["key                'a\\nb'", "canonical request", "  GET", "  /", "  ",
            "  'host:\\x1b'", "string to sign     -"] == shown("GetRefusal", answer)  # fmt: skip


def test_documents_stay_as_they_are() -> None:
    lines = shown("GetPolicy", {"name": "p", "document": {"Statement": []}})

    assert {"Statement": []} == json.loads("\n".join(lines[2:]))


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), ("", "-"), (True, "yes"), (False, "no"), (0, "0"), ([], "-"),
     ({"a": 1}, '{"a": 1}'),
     ("ä\x1b[2J", "'\\xe4\\x1b[2J'"), ("ä", "ä"), ("two\nlines", "'two\\nlines'")],
)  # fmt: skip
def test_a_terminal_gets_nothing_raw(value: Any, text: str) -> None:
    assert text == admin_tables.text(value)


def test_events_are_a_table_of_what_one_looks_for() -> None:
    lines = shown("ListEvents", {"events": [{"id": 7, **EVENT}], "last": 7})

    assert "ID  TIME                      EVENT              BUCKET  KEY" == lines[0]
    assert "7   2026-09-21T14:13:20.000Z  ObjectCreated:Put  shop    'a\\x1b[31m'" == lines[1]


def test_events_are_told_as_they_come() -> None:
    lines = [
        b"retry: 1000", b"", b":", b"id: 7", b"event: ObjectCreated:Put",
        b"data: " + json.dumps(EVENT).encode(), b"",
    ]  # fmt: skip

    (told,) = admin_tables.events(lines, as_json=False)
    (plain,) = admin_tables.events(lines, as_json=True)

    assert told.startswith("7  2026-09-21T14:13:20.000Z  ObjectCreated:Put  shop  ")
    assert {"id": 7, **EVENT} == json.loads(plain)


@pytest.mark.parametrize("row", ENDPOINTS, ids=repr)
def test_columns_that_are_chosen_exist(row: Endpoint) -> None:
    parts = schema.parts(row.output) if row.output else {}
    chosen = {name: admin_tables.COLUMNS.get(name, ()) for name in parts}

    assert not [
        (name, column)
        for name, columns in chosen.items()
        for column in columns
        if column not in schema.members(parts[name])
    ]
