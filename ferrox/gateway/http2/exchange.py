"""One request that came on a stream, and the response to it."""

import contextlib
import time

from h2.errors import ErrorCodes

from ferrox.errors import InternalError, SlowDown
from ferrox.gateway.body import IncomingBody
from ferrox.gateway.connection import StalledError
from ferrox.gateway.front import Front
from ferrox.gateway.http2 import heads
from ferrox.gateway.http2.reply import Reply
from ferrox.gateway.http2.stream import Stream
from ferrox.protocol.message import Request, Response, Tls


async def exchange(
    front: Front, stream: Stream, peer: str, tls: Tls | None, *, is_admitted: bool
) -> None:
    """Answer one request and log it."""
    began_s = time.perf_counter()
    head = stream.head
    expects = stream.send_continue if head.expects_continue else None
    body = IncomingBody(stream.inbox, front.limits, expects)
    request = heads.request(head, body, peer, tls)
    error = head.error if is_admitted else SlowDown()
    reply = Reply(stream, front.dating)
    answered = None
    is_whole = False
    front.begin()
    try:
        response = front.refuse(request, error) if error else await front.answer(request)
        answered = (response, time.perf_counter())
        is_whole = await _send(front, reply, stream, request, response)
        is_ended = body.is_complete or not is_whole or error is not None
        if not is_ended and body.is_worth_draining(request.headers.get("content-length")):
            await body.drain()
    finally:
        front.end(request, answered, began_s, body, reply, is_whole=is_whole)


async def _send(
    front: Front, reply: Reply, stream: Stream, request: Request, response: Response
) -> bool:
    """Send the response; whether all of it left.

    What fails before the head is out becomes an error document; what fails later resets the stream,
    so that no client takes a part for the whole.
    """
    try:
        await reply.send(response)
    except (ConnectionError, StalledError) as error:
        front.log.debug("%s: the client is gone: %r", request.request_id, error)
        stream.reset(ErrorCodes.CANCEL)
    except Exception:  # a body may fail in any way
        front.log.exception("%s: the response broke off", request.request_id)
        if not reply.has_begun:
            refusal = front.refuse(request, InternalError())
            with contextlib.suppress(ConnectionError, StalledError):
                await reply.send(refusal)
                return True
        stream.reset(ErrorCodes.INTERNAL_ERROR)
    else:
        return True
    return False
