import re

import pytest

from ferrox import ids

FORMS = {
    "request_id": r"[0-9A-F]{16}",
    "version_id": r"[A-Za-z0-9_-]{32}",
    "access_key_id": r"FRX[A-Z2-7]{17}",
    "secret_access_key": r"[A-Za-z0-9_-]{40}",
    "host_id": r"[A-Za-z0-9+/]{76}",
}


@pytest.mark.parametrize(("name", "form"), FORMS.items())
def test_ids_have_their_form_and_differ(name: str, form: str) -> None:
    made = {getattr(ids, name)() for _ in range(100)}

    assert 100 == len(made)
    assert all(re.fullmatch(form, value) for value in made)


def test_upload_ids_and_blob_names_sort_by_time() -> None:
    assert ids.upload_id(1_790_000_000_000) < ids.upload_id(1_790_000_000_001)
    assert ids.blob_name(1_790_000_000_000) < ids.blob_name(1_790_000_000_001)
    assert (48, 16) == (len(ids.upload_id(0)), len(ids.blob_name(0)))
