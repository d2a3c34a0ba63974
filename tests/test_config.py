"""Settings: where they come from, which place wins, and how a mistake is reported."""

from pathlib import Path

import pytest

from ferrox import config
from ferrox.config import SETTINGS, Address, Config, load
from ferrox.errors import StartError


def test_without_anything_given_every_setting_has_its_default() -> None:
    assert Config() == load({}, {})


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ferrox.toml"
    file.write_text('region = "from-file"\nlog_level = "error"\nsigv2 = "off"\n')
    environ = {"FERROX_REGION": "from-environment", "FERROX_LOG_LEVEL": "warning"}

    settings = load({"region": ["from-flag"]}, environ, file)

    assert ("from-flag", "warning", "off") == (settings.region, settings.log_level, settings.sigv2)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "ferrox.toml"
    file.write_text(
        'data-dir = "/srv"\nshutdown_grace = 2.5\naccess_log = false\ndomain = ["a", "b"]\n'
    )

    settings = load({}, {"FERROX_CONFIG": str(file)})

    assert (Path("/srv"), 2.5, False, ("a", "b")) == (
        settings.data_dir,
        settings.shutdown_grace,
        settings.access_log,
        settings.domain,
    )


def test_an_empty_environment_variable_counts_as_not_given() -> None:
    assert Config() == load({}, {"FERROX_REGION": "", "FERROX_ACCESS_KEY": ""})


def test_the_names_minio_uses_are_understood_but_yield_to_our_own() -> None:
    environ = {"MINIO_ROOT_USER": "alice", "MINIO_ROOT_PASSWORD": "wonderland"}

    settings = load({}, environ)
    overridden = load({}, {**environ, "FERROX_ACCESS_KEY": "bob"})

    assert ("alice", "wonderland") == (settings.access_key, settings.secret_key)
    assert "bob" == overridden.access_key


@pytest.mark.parametrize("name", ["access_key", "secret_key"])
def test_half_a_pair_of_keys_is_refused(name: str) -> None:
    with pytest.raises(StartError, match=f"{name} is given without"):
        load({name: ["something"]}, {})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9000", Address("127.0.0.1", 9000)),
        ("[::1]:9000", Address("::1", 9000)),
        (":9000", Address("0.0.0.0", 9000)),
        ("localhost:0", Address("localhost", 0)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert address == load({"bind": [text]}, {}).bind


@pytest.mark.parametrize(
    "text", ["9000", "localhost", "::1:9000", "a b:1", "x:65536", "x:-1", "x:"]
)
def test_a_bad_address_names_setting_and_source(text: str) -> None:
    with pytest.raises(StartError, match=r"^bind: .* from environment variable FERROX_BIND: not"):
        load({}, {"FERROX_BIND": text})


def test_an_address_may_be_off() -> None:
    given = {"bind": ["off"], "tls_bind": [":9443"], "tls_certificate": ["a.crt"]}

    settings = load(given, {})

    assert (None, Address("0.0.0.0", 9443)) == (settings.bind, settings.tls_bind)


def test_without_any_address_nobody_could_come() -> None:
    with pytest.raises(StartError, match="bind is off, and tls_bind is not given"):
        load({"bind": ["off"]}, {})


def test_an_address_is_written_as_it_is_read() -> None:
    assert ["[::1]:9000", "0.0.0.0:9000"] == [str(Address("::1", 9000)), str(config.DEFAULT_BIND)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("log_level", "loud"),
        ("log_format", "xml"),
        ("sigv2", "yes"),
        ("default_object_ownership", "mine"),
        ("default_public_access_block", "yes"),
        ("access_log", "perhaps"),
        ("upload_expiry", "0"),
        ("upload_expiry", "nan"),
        ("shutdown_grace", "-1"),
        ("inline_limit", "2 MiB"),
        ("inline_limit", "1x"),
        ("inline_limit", "1ib"),
        ("region", "EU West"),
        ("domain", "a..b"),
        ("domain", ""),
        ("access_key", "ab"),
        ("access_key", "a,b,c"),
        ("data_dir", ""),
    ],
)
def test_a_bad_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(StartError, match=f"^{name}: "):
        load({name: [text]}, {})


def test_a_choice_is_what_the_table_calls_it_however_it_is_written() -> None:
    given = load({"default_object_ownership": ["objectwriter"]}, {})

    assert "ObjectWriter" == given.default_object_ownership
    assert "BucketOwnerEnforced" == load({}, {}).default_object_ownership


def test_a_bad_secret_is_never_repeated() -> None:
    with pytest.raises(StartError) as caught:
        load({"secret_key": ["hush hush"]}, {})

    assert "hush" not in str(caught.value)


def test_sizes_may_carry_a_unit() -> None:
    assert 131_072 == load({"inline_limit": ["128KiB"]}, {}).inline_limit


def test_domains_add_up() -> None:
    settings = load({"domain": ["S3.example.com., a.test", "b.test"]}, {})

    assert ("s3.example.com", "a.test", "b.test") == settings.domain


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("colour = 'red'", "unknown setting 'colour'"),
        ("region = ", "config file"),
        ("bind = off", 'it is TOML, as in bind = "127.0.0.1:9000"'),
        ("region = ['a']", "region has the wrong type"),
        ("[bind]\nhost = 'x'", "bind has the wrong type"),
        ("bind = 9000", "bind: '9000' from file"),
    ],
)
def test_a_mistake_in_the_file_is_reported(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "ferrox.toml"
    file.write_text(content)

    with pytest.raises(StartError, match=message):
        load({}, {}, file)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file"):
        load({}, {}, tmp_path / "none.toml")


def test_the_secret_key_does_not_show_in_the_repr() -> None:
    settings = load({"access_key": ["alice"], "secret_key": ["wonderland"]}, {})

    assert "alice" in repr(settings)
    assert "wonderland" not in repr(settings)


def test_well_known_credentials_work_with_a_warning() -> None:
    pair = {"access_key": ["minioadmin"], "secret_key": ["minioadmin"]}
    own = {"access_key": ["alice"], "secret_key": ["wonderland"]}

    assert "minioadmin" in load(pair, {}).warnings()[0]
    assert [] == load(own, {}).warnings() + load({}, {}).warnings()
    assert "10 seconds" in load({"lifecycle_debug_day": ["10"]}, {}).warnings()[0]


def test_every_row_says_what_it_means_and_its_default_reads_back() -> None:
    for setting in SETTINGS:
        assert setting.meaning.endswith(".")
        if setting.default_text:
            assert setting.default == setting.kind.read(setting.default_text)


def test_a_name_is_not_both_of_the_api_and_of_websites() -> None:
    with pytest.raises(StartError, match=r"^website_domain: 'a\.test'"):
        load({"domain": ["a.test,b.test"], "website_domain": ["c.test,a.test"]}, {})


def test_where_each_setting_was_said_is_remembered(tmp_path: Path) -> None:
    settings = load({"region": ["r"]}, {"FERROX_DATA_DIR": str(tmp_path)})

    assert {"region": "--region", "data_dir": "environment variable FERROX_DATA_DIR"} == (
        settings.sources
    )
