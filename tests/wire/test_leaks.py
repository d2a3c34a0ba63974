"""After a burst of everything that can go wrong, the server holds on to nothing of it."""

import random
from collections.abc import Callable

from tests import forms
from tests.raw_http import Wire, connected, head, now_ms, request
from tests.server_process import ServerProcess
from tests.wire.chunked_body import SIGNED, upload
from tests.wire.judgement import blob_files, open_descriptors, wait_until

BURST = 150
AT_ONCE = 25
BODY = b"x" * 1_200_000


def reset_in_the_body(server: ServerProcess, wire: Wire) -> None:
    wire.send(request(server, "PUT", "/wire/k", body=BODY)[: -len(BODY) // 2])
    wire.reset()


def stall_in_the_body(server: ServerProcess, wire: Wire) -> None:
    wire.send(request(server, "PUT", "/wire/k", body=BODY)[:-1])


def stall_in_the_head(server: ServerProcess, wire: Wire) -> None:
    wire.send(request(server, "PUT", "/wire/k", body=b"")[:30])


def sign_one_chunk_wrong(server: ServerProcess, wire: Wire) -> None:
    made = upload(server, SIGNED, len(BODY))
    wire.send(made.message(made.chain.chunk(BODY).replace(b"x\r\n", b"y\r\n"), "/wire/k"))


def promise_other_bytes(server: ServerProcess, wire: Wire) -> None:
    headers = {"x-amz-checksum-crc32": "AAAAAA=="}
    wire.send(request(server, "PUT", "/wire/k", body=BODY, headers=headers))


def talk_nonsense(_server: ServerProcess, wire: Wire) -> None:
    wire.send(b"\x00\xff\r\n\r\n")


def close_one_side(server: ServerProcess, wire: Wire) -> None:
    wire.send(request(server, "PUT", "/wire/k", body=BODY)[: -len(BODY) // 3])
    wire.half_close()


def break_off_a_form(server: ServerProcess, wire: Wire) -> None:
    fields = forms.version_2(
        {"key": "k"}, now_ms(), bucket="wire",
        access_key=server.access_key, secret_key=server.secret_key,
    )  # fmt: skip
    form = forms.form(fields, BODY)
    headers = {
        "Host": "localhost", "Content-Type": forms.CONTENT_TYPE, "Content-Length": str(len(form))
    }  # fmt: skip
    wire.send(head("POST /wire HTTP/1.1", headers) + form[: -len(BODY) // 2])
    wire.reset()


def ask_and_leave(server: ServerProcess, wire: Wire) -> None:
    wire.send(request(server, "GET", "/wire", {"list-type": "2"}))
    wire.reset()


MISCHIEF: tuple[Callable[[ServerProcess, Wire], None], ...] = (
    reset_in_the_body,
    stall_in_the_body,
    stall_in_the_head,
    sign_one_chunk_wrong,
    promise_other_bytes,
    talk_nonsense,
    close_one_side,
    break_off_a_form,
    ask_and_leave,
)


def warm_up(server: ServerProcess) -> None:
    """Let every lazy pool, connection and directory of the server come into being."""
    for mischief in MISCHIEF * 2:
        with connected(server) as wire:
            mischief(server, wire)
    with connected(server) as wire:
        wire.ask(request(server, "GET", "/wire", {"list-type": "2"}))
    wait_until(lambda: not blob_files(server))


def test_a_burst_of_mischief_leaves_neither_descriptors_nor_bytes(server: ServerProcess) -> None:
    warm_up(server)
    before = settled_descriptors(server)
    rng = random.Random(5)

    for _ in range(BURST // AT_ONCE):
        wires = [Wire(server) for _ in range(AT_ONCE)]
        for wire in wires:
            rng.choice(MISCHIEF)(server, wire)
        with connected(server) as honest:
            answer = honest.ask(request(server, "GET", "/wire", {"location": ""}))
        for wire in wires:
            wire.socket.close()
        assert 200 == answer.status

    wait_until(lambda: open_descriptors(server) <= before and not blob_files(server))
    assert [] == blob_files(server)


def settled_descriptors(server: ServerProcess) -> int:
    """How many descriptors are open when no connection is."""
    counts = [open_descriptors(server)]

    def is_settled() -> bool:
        counts.append(open_descriptors(server))
        return len(counts) > 50 and len(set(counts[-50:])) == 1

    wait_until(is_settled)
    return counts[-1]
