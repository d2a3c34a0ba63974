"""Where a process is entered: in the open, over TLS, both; and what cannot be had."""

import logging
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from ferrox.config import Address, Config
from ferrox.errors import StartError
from ferrox.gateway.entrance import open_entrances
from tests.issuing import Issuer, shake

LOG = logging.getLogger("test.entrance")
ANY = Address("127.0.0.1", 0)


@pytest.fixture
def over_tls(tmp_path: Path) -> Config:
    """Settings for both."""
    certificate = Issuer(tmp_path).server()
    return Config(
        bind=ANY,
        tls_bind=ANY,
        tls_certificate=(certificate,),
        tls_key=(certificate.with_suffix(".key"),),
    )


def test_without_tls_there_is_one_address() -> None:
    (entrance,) = open_entrances(Config(bind=ANY), LOG)

    assert entrance.plain_address
    assert (None, None) == (entrance.secured_address, entrance.certificates)
    entrance.close()


def test_both_are_listened_on_by_each_process(over_tls: Config) -> None:
    first, second = open_entrances(over_tls, LOG, shares=2)

    assert first.plain_address == second.plain_address
    assert first.secured_address == second.secured_address
    assert first.plain_address != first.secured_address
    assert first.certificates is second.certificates, "so that they share the keys of tickets"
    for entrance in (first, second):
        entrance.close()


def test_all_requests_may_have_to_come_over_tls(over_tls: Config) -> None:
    (entrance,) = open_entrances(replace(over_tls, bind=None), LOG)

    assert entrance.plain_address is None
    assert entrance.secured_address
    entrance.close()


@pytest.mark.parametrize(("http2", "agreed"), [(True, "h2"), (False, "http/1.1")])
def test_http_2_is_offered_unless_the_settings_say_otherwise(
    over_tls: Config, http2: bool, agreed: str
) -> None:
    (entrance,) = open_entrances(replace(over_tls, http2=http2), LOG)
    client = ssl.create_default_context()
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_alpn_protocols(["h2", "http/1.1"])

    assert entrance.certificates is not None
    sides = shake(entrance.certificates.context, client, "localhost")

    assert agreed == sides.client.selected_alpn_protocol()
    entrance.close()


def test_a_taken_address_is_a_start_error_that_names_it(over_tls: Config) -> None:
    with socket.socket() as taken:
        taken.bind(ANY)
        taken.listen()
        address = Address(*taken.getsockname())
        for settings in ({"bind": address}, {"tls_bind": address}):
            with pytest.raises(StartError, match=f"cannot listen on {address}: "):
                open_entrances(replace(over_tls, **settings), LOG)  # type: ignore[arg-type] # names


def test_an_address_of_another_machine_is_a_start_error() -> None:
    with pytest.raises(StartError, match=r"cannot listen on 192\.0\.2\.1:1: "):
        open_entrances(Config(bind=Address("192.0.2.1", 1)), LOG)


def test_a_certificate_that_cannot_be_used_is_a_start_error(
    over_tls: Config, tmp_path: Path
) -> None:
    with pytest.raises(StartError, match="absent"):
        open_entrances(replace(over_tls, tls_certificate=(tmp_path / "absent",)), LOG)
