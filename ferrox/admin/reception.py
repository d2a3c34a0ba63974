"""Reception: what the gateway hands requests of operators to, one for each way in.

Over the socket in the data directory comes only who may read that directory, so everybody there is
an administrator. Over TLS the subject of the client's certificate says what its role is. Behind
both is one plane, which is loaded for the first request: most servers are never asked anything.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ferrox.admin import errors
from ferrox.admin.backstage import Backstage, Caller
from ferrox.admin_roles import Role, SubjectRule, name_of, role_of
from ferrox.errors import S3Error
from ferrox.protocol.message import Request, Response

if TYPE_CHECKING:
    from ferrox.admin.plane import AdminPlane

SOCKET_CALLER = Caller("admin.sock", Role.ADMIN)


class Admin:
    """The plane, once somebody has asked for it."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._plane: AdminPlane | None = None

    def over_socket(self) -> "Reception":
        """The way in through the data directory."""
        return Reception(self, lambda _: SOCKET_CALLER)

    def over_tls(self, rules: Sequence[SubjectRule]) -> "Reception":
        """The way in with a certificate."""
        return Reception(self, lambda request: _certified(request, rules))

    def end_streams(self) -> None:
        """End answers that would have no end: the server is about to stop."""
        self._backstage.streams.end()

    def refuse(self, request: Request, error: S3Error) -> Response:
        """Say no to a request that cannot be read, or at a time when there are too many."""
        response = errors.refusal(error, request.request_id)
        response.headers["x-request-id"] = request.request_id
        return response

    def plane(self) -> "AdminPlane":
        """The plane, loaded now if it was not before."""
        if self._plane is None:
            from ferrox.admin.plane import AdminPlane

            self._plane = AdminPlane(self._backstage)
        return self._plane


def _certified(request: Request, rules: Sequence[SubjectRule]) -> Caller:
    subject = request.tls.subject if request.tls is not None else ()
    return Caller(name_of(subject), role_of(subject, rules))


class Reception:
    """One way in."""

    def __init__(self, admin: Admin, identify: Callable[[Request], Caller]) -> None:
        self._admin = admin
        self._identify = identify

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        return await self._admin.plane().answer(request, self._identify(request))
