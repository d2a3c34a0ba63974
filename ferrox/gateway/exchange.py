"""One request of an HTTP/1.1 connection and the response to it.

Everything that comes from the client and everything that goes to it passes through `exchange`.
"""

import contextlib
import time

from ferrox.errors import InternalError, S3Error, SlowDown
from ferrox.gateway import bridge
from ferrox.gateway.aiohttp_parts import RawRequestMessage
from ferrox.gateway.body import IncomingBody
from ferrox.gateway.connection import Arrived, Connection, StalledError
from ferrox.gateway.front import Front
from ferrox.gateway.reply import Reply
from ferrox.protocol.message import Request, Response


async def exchange(front: Front, connection: Connection, arrived: Arrived) -> bool:
    """Answer one request and log it; whether the connection may be used again."""
    began_s = time.perf_counter()  # the time of an event loop is too coarse for small requests
    message, content, error = arrived
    expects = message is not None and bridge.expects_continue(message)
    body = IncomingBody(content, front.limits, connection.write_if_open if expects else None)
    reply = Reply(
        connection,
        front.dating.lines(),
        is_http_1_1=message is None or message.version >= bridge.HTTP_1_1,
        is_head=message is not None and message.method == "HEAD",
    )
    if message is None:
        request = bridge.unreadable(body, connection.peer, connection.tls)
    else:
        request = bridge.request(message, body, connection.peer, connection.tls)
        error = _objection(request, message, connection)
    is_whole = False
    answered = None
    front.begin()
    try:
        response = front.refuse(request, error) if error else await front.answer(request)
        answered = (response, time.perf_counter())
        keep_alive = error is None and _may_keep_alive(front, connection, arrived, request, body)
        is_whole = await _send(front, reply, connection, request, response, keep_alive=keep_alive)
        if is_whole and keep_alive and not body.is_complete:
            keep_alive = await body.drain()
    finally:
        front.end(request, answered, began_s, body, reply, is_whole=is_whole)
    return is_whole and keep_alive and reply.keeps_connection


def _objection(
    request: Request, message: RawRequestMessage, connection: Connection
) -> S3Error | None:
    """Why a request is refused before anybody looks at it."""
    if not connection.is_admitted:
        return SlowDown()
    try:
        bridge.check(request, message)
    except S3Error as refused:
        return refused
    return None


def _may_keep_alive(
    front: Front, connection: Connection, arrived: Arrived, request: Request, body: IncomingBody
) -> bool:
    if front.is_stopping or arrived.message is None or arrived.message.should_close:
        return False
    if connection.is_last_request:
        return False
    return body.is_complete or body.is_worth_draining(request.headers.get("content-length"))


async def _send(
    front: Front,
    reply: Reply,
    connection: Connection,
    request: Request,
    response: Response,
    *,
    keep_alive: bool,
) -> bool:
    """Send the response; whether all of it left.

    What fails before the head is out becomes an error document; what fails later cuts the
    connection, so that no client takes a part for the whole.
    """
    try:
        await reply.send(response, keep_alive=keep_alive)
    except (ConnectionError, StalledError) as error:
        front.log.debug("%s: the client is gone: %r", request.request_id, error)
    except Exception:  # a body may fail in any way
        front.log.exception("%s: the response broke off", request.request_id)
        if not reply.has_begun:
            refusal = front.refuse(request, InternalError())
            with contextlib.suppress(ConnectionError, StalledError):
                await reply.send(refusal, keep_alive=False)
                return True
    else:
        return True
    connection.cut()
    return False
