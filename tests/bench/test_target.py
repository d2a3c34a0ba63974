"""Keys and the folders they make."""

from build.bench.target import first_of_each_folder


def test_each_folder_is_named_once_by_its_first_key() -> None:
    keys = ["a/0/0", "a/0/1", "a/1/0", "b", "a/1/1"]

    assert {"a/0/0", "a/1/0", "b"} == set(first_of_each_folder(keys))
