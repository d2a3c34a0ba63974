"""The settings of TLS are settings like others, and fit together."""

from pathlib import Path

import pytest

from ferrox.config import SETTINGS, load
from ferrox.errors import StartError


def test_they_stand_together() -> None:
    names = [setting.name for setting in SETTINGS]

    place = names.index("tls_bind")
    assert ["tls_bind", "tls_certificate", "tls_key", "tls_client_ca"] == names[place : place + 4]


@pytest.mark.parametrize(
    ("given", "missing"),
    [("tls_bind", "tls_certificate"), ("tls_certificate", "tls_bind")],
)
def test_tls_needs_an_address_and_a_certificate(given: str, missing: str) -> None:
    with pytest.raises(StartError, match=f"{given} is given without {missing}"):
        load({given: [":9443"]}, {})


def test_certificates_are_separated_by_commas_or_repeated() -> None:
    given = {"tls_certificate": ["a.crt,b.crt", "c"], "tls_key": ["k"], "tls_bind": [":1"]}

    settings = load(given, {})

    assert (Path("a.crt"), Path("b.crt"), Path("c")) == settings.tls_certificate
    assert (Path("k"),) == settings.tls_key


@pytest.mark.parametrize("left_out", ["admin_certificate", "admin_key", "admin_client_ca"])
def test_certificates_of_the_admin_api_are_given_all_or_not_at_all(left_out: str) -> None:
    names = {"admin_certificate", "admin_key", "admin_client_ca"}

    with pytest.raises(StartError, match=f"is given without {left_out}: give all or none"):
        load({name: ["file.pem"] for name in names - {left_out}}, {})

    assert Path("file.pem") == load({name: ["file.pem"] for name in names}, {}).admin_key


@pytest.mark.parametrize("name", ["tls_key", "tls_client_ca"])
def test_what_only_tls_needs_is_refused_without_it(name: str) -> None:
    """They were ignored: who forgot tls_bind believed that the port was protected."""
    with pytest.raises(StartError, match=f"^{name} is given without tls_bind"):
        load({name: ["file.pem"]}, {})


def test_http_2_can_be_turned_off() -> None:
    assert load({}, {}).http2
    assert not load({"http2": ["off"]}, {}).http2
