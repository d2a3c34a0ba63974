import re
import subprocess
import sys
from pathlib import Path

import pytest

from ferrox import ids

ROOT = Path(__file__).parents[1]

FORMS = {
    "request_id": r"[0-9A-F]{16}",
    "version_id": r"[A-Za-z0-9_-]{32}",
    "access_key_id": r"FRX[A-Z2-7]{17}",
    "temporary_key_id": r"ASIA[A-Z2-7]{16}",
    "secret_access_key": r"[A-Za-z0-9_-]{40}",
    "host_id": r"[A-Za-z0-9+/]{76}",
}


FORKS = """
import os
from ferrox import ids

def make():
    made = [ids.request_id(), ids.version_id(), ids.upload_id(1), ids.blob_name(1).hex()]
    return made + [ids.access_key_id(), ids.secret_access_key(), ids.host_id()]

make()  # whatever is drawn in advance is there now
for _ in range(2):
    if os.fork() == 0:
        os.write(1, ("\\n".join(make()) + "\\n").encode())
        os._exit(0)
    os.wait()
os.write(1, "\\n".join(make()).encode())
"""


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_ids_have_their_form_and_differ(name: str, form: str) -> None:
    made = {getattr(ids, name)() for _ in range(100)}

    assert 100 == len(made)
    assert all(re.fullmatch(form, value) for value in made)


def test_only_version_ids_of_others_are_short() -> None:
    made = ids.version_id()

    assert not ids.is_short_version_id(made)
    assert ids.is_short_version_id(made[1:])


@pytest.mark.parametrize("name", ["version_id", "secret_access_key"])
def test_what_people_type_begins_with_nothing_that_looks_like_an_option(name: str) -> None:
    """Of 64 secrets one began with a dash: `aws configure set` took it for an option of its own."""
    made = {getattr(ids, name)() for _ in range(2000)}

    assert [] == [value for value in made if value.startswith("-")]


def test_upload_ids_and_blob_names_sort_by_time() -> None:
    assert ids.upload_id(1_790_000_000_000) < ids.upload_id(1_790_000_000_001)
    assert ids.blob_name(1_790_000_000_000) < ids.blob_name(1_790_000_000_001)
    assert (48, 16) == (len(ids.upload_id(0)), len(ids.blob_name(0)))


def test_an_upload_id_is_known_by_its_form() -> None:
    made = ids.upload_id(1_790_000_000_000)

    assert ids.is_upload_id(made)
    assert not any(map(ids.is_upload_id, ("", "nope", made[1:], made.upper(), made + "0")))


def test_processes_that_are_forked_make_different_ids() -> None:
    """What was drawn before a fork must not be handed out after it by both."""
    run = subprocess.run(
        [sys.executable, "-c", FORKS], cwd=ROOT, capture_output=True, text=True, check=True
    )

    lines = run.stdout.split()
    assert 3 * 7 == len(lines)
    assert len(lines) == len(set(lines))


def test_what_iam_makes_has_an_id_of_its_own_that_says_its_kind() -> None:
    made = {ids.unique_id("AIDA") for _ in range(100)}

    assert 100 == len(made)
    assert all(re.fullmatch("AIDA[A-Z2-7]{17}", one) for one in made)
