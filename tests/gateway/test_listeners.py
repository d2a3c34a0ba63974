import socket

import pytest

from ferrox.config import Address
from ferrox.errors import StartError
from ferrox.gateway import listeners

ANY_PORT = Address("127.0.0.1", 0)


def test_each_share_has_a_socket_of_its_own_on_the_same_address() -> None:
    sets = listeners.listen(ANY_PORT, shares=3)

    addresses = {listeners.address_of(sockets) for sockets in sets}
    descriptors = {one.fileno() for sockets in sets for one in sockets}
    assert (1, 3) == (len(addresses), len(descriptors))
    assert addresses.pop().port > 0
    for sockets in sets:
        listeners.close(sockets)


def test_connections_are_spread_over_the_shares_and_wait_there() -> None:
    sets = listeners.listen(ANY_PORT, shares=2)
    address = listeners.address_of(sets[0])

    clients = [socket.create_connection(address) for _ in range(64)]

    accepted = [0, 0]
    for number, (one,) in enumerate(sets):
        try:
            while True:
                one.accept()[0].close()
                accepted[number] += 1
        except BlockingIOError:
            one.close()
    assert 64 == sum(accepted)
    assert min(accepted) > 0, "the chance of this is one in 2 to the power of 63"
    for client in clients:
        client.close()


@pytest.mark.parametrize("shares", [1, 2])
@pytest.mark.parametrize("others_shares", [1, 2])
def test_an_address_that_somebody_else_has_is_refused(shares: int, others_shares: int) -> None:
    others = listeners.listen(ANY_PORT, shares=others_shares)
    address = listeners.address_of(others[0])

    with pytest.raises(StartError, match=f"listen on {address}: Address .*; --tls-bind names anot"):
        listeners.listen(address, shares=shares, option="--tls-bind")

    for sockets in others:
        listeners.close(sockets)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(StartError, match=f"cannot listen on {host}:9000: "):
        listeners.listen(Address(host, 9000))


def test_the_address_is_free_again_when_all_sockets_are_closed() -> None:
    (sockets,) = listeners.listen(ANY_PORT)
    address = listeners.address_of(sockets)
    listeners.close(sockets)

    (again,) = listeners.listen(address)

    assert address == listeners.address_of(again)
    listeners.close(again)
