"""The settings of servers for tests mean what they say, and do not mix with those of others."""

from pathlib import Path

import pytest

from ferrox.config import load
from ferrox.ephemeral_settings import SeedBucket
from ferrox.errors import StartError

ON = {"ephemeral": ["on"]}


def test_such_a_server_is_for_this_machine_of_one_process_and_ends_soon() -> None:
    config = load(ON, {})

    assert ("127.0.0.1:0", 1, 1.0) == (str(config.bind), config.workers, config.shutdown_grace)


def test_what_is_said_counts_more_than_what_suits_tests() -> None:
    config = load(ON | {"bind": [":9000"], "workers": ["2"]}, {})

    assert ("0.0.0.0:9000", 2) == (str(config.bind), config.workers)


def test_a_container_can_have_it_listen_elsewhere_without_saying_so_for_others() -> None:
    surroundings = {"FERROX_EPHEMERAL_BIND": "0.0.0.0:9000", "FERROX_EPHEMERAL": "on"}

    assert "0.0.0.0:9000" == str(load({}, surroundings).bind)
    assert "127.0.0.1:1" == str(load({"bind": ["127.0.0.1:1"]}, surroundings).bind)


def test_other_servers_are_as_they_were() -> None:
    config = load({}, {"FERROX_EPHEMERAL_BIND": "127.0.0.1:1"})

    assert ("0.0.0.0:9000", "auto") == (str(config.bind), config.workers)


def test_buckets_may_be_named_one_by_one_or_all_at_once() -> None:
    flags = load({"seed_bucket": ["a-1", "b-2:versioned:public-read"]}, {})
    variable = load({}, {"FERROX_SEED_BUCKETS": "a-1, b-2:public-read:versioned"})

    expected = (SeedBucket("a-1"), SeedBucket("b-2", frozenset({"versioned", "public-read"})))
    assert expected == flags.seed_bucket == variable.seed_bucket
    assert ["a-1", "b-2:public-read:versioned"] == [str(one) for one in flags.seed_bucket]


def test_a_bucket_of_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(StartError, match="'public' is none of versioned, object-lock, public-read"):
        load({"seed_bucket": ["a-1:public"]}, {})


def test_a_data_directory_of_somebody_is_not_taken_for_one_that_may_go(tmp_path: Path) -> None:
    file = tmp_path / "ferrox.toml"
    file.write_text('data_dir = "/srv/ferrox"\n')

    for values, config_file, source in (
        (ON | {"data_dir": ["x"]}, None, "--data-dir"),
        (ON, file, f"file {file}"),
    ):
        with pytest.raises(StartError) as caught:
            load(values, {}, config_file)
        assert f"give only one (data_dir comes from {source})" in str(caught.value)


def test_the_directory_that_an_image_is_made_for_is_no_contradiction() -> None:
    assert load(ON, {"FERROX_DATA_DIR": "/data"}).ephemeral


@pytest.mark.parametrize(
    "setting",
    [{"inject": ["put_object:503"]}, {"detach": ["on"]}, {"ephemeral_dir": ["/dev/shm"]}],
    ids=str,
)
def test_what_is_for_tests_only_is_refused_elsewhere(setting: dict[str, list[str]]) -> None:
    (name,) = setting

    with pytest.raises(StartError, match=f"{name} is for ephemeral servers only"):
        load(setting, {})

    assert load(ON | setting, {}).ephemeral


def test_who_is_in_the_background_has_nobody_at_its_input() -> None:
    with pytest.raises(StartError, match="detach is given with stop_with_stdin"):
        load(ON | {"detach": ["on"], "stop_with_stdin": ["on"]}, {})


def test_standard_output_is_for_one_of_them() -> None:
    with pytest.raises(StartError, match="both want standard output"):
        load({"print_env": ["json"], "audit_log": ["-"]}, {})
