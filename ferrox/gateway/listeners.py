"""Listening sockets: bound before anybody is told the address, one set for each process.

Several processes listen on one address by SO_REUSEPORT: the kernel gives every new connection to
one of their sockets by a hash of both addresses. That spreads connections more evenly than one
socket which all of them accept from, see docs/decisions/0007-workers.md. A set outlives the process
that served it, so connections wait in it until another process takes the set over.

The kernel lets any program of the same user join such an address, a second server that was started
by mistake among them. So the address is tried first in the way that refuses to share.
"""

import errno
import itertools
import socket
from typing import Any

from ferrox.config import Address
from ferrox.errors import StartError
from ferrox.gateway.limits import BACKLOG

Sockets = list[socket.socket]


def listen(bind: Address, *, shares: int = 1, option: str = "--bind") -> list[Sockets]:
    """Listen on every address that `bind` names, with a set of sockets for each process.

    option  what operators name another address by
    raises  StartError when the address cannot be had
    """
    sets: list[Sockets] = [[] for _ in range(shares)]
    try:
        for family, name in _resolve(bind):
            first = _bound(family, name)
            if shares == 1:
                sets[0].append(first)
                continue
            bound_name = first.getsockname()  # with the port that the kernel chose
            first.close()
            for sockets in sets:
                sockets.append(_bound(family, bound_name, is_shared=True))
        for one in itertools.chain(*sets):
            one.listen(BACKLOG)
    except OSError as error:
        for sockets in sets:
            close(sockets)
        reason = error.strerror or str(error)
        if error.errno == errno.EADDRINUSE:
            reason += f"; {option} names another HOST:PORT"
        raise StartError(f"cannot listen on {bind}: {reason}") from None
    return sets


def address_of(sockets: Sockets) -> Address:
    """The address that was really bound."""
    name = sockets[0].getsockname()
    return Address(name[0], name[1])


def close(sockets: Sockets) -> None:
    """Close a set of sockets in this process."""
    for one in sockets:
        one.close()


def _resolve(bind: Address) -> list[tuple[int, Any]]:
    """Family and address, in the form that the family has, of each."""
    found = socket.getaddrinfo(
        bind.host, bind.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(dict.fromkeys((family, name) for family, _, _, _, name in found))


def _bound(family: int, name: Any, *, is_shared: bool = False) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(name)
    except BaseException:
        made.close()
        raise
    made.setblocking(False)
    return made
