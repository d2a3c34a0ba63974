"""A client that looks at everything while nobody writes, and holds it to the oracle."""

from tests.crash.oracle import ABSENT, Oracle
from tests.crash.writer import Writer, between, value_of
from tests.raw_http import Wire, request
from tests.server_process import ServerProcess


class Observer:
    """Looks at everything while nobody writes."""

    def __init__(self, server: ServerProcess, oracle: Oracle) -> None:
        self._server = server
        self._oracle = oracle

    def check_everything(self, writers: list[Writer]) -> None:
        """Hold the server to the oracle; from then on what was seen is all there is."""
        shown = {name: size for name, size in self.listed().items() if not name.startswith("open/")}
        seen = {name: self.read(name) for name in self._oracle.names if "part:" not in name}
        assert {name for name, (value, _) in seen.items() if value != ABSENT} == shown.keys()
        for name, (value, size_bytes) in seen.items():
            assert value in self._oracle.may_be(name), f"{name} is {value or 'absent'}"
            assert value == ABSENT or size_bytes == shown[name]
            self._oracle.settle(name, value)
        for writer in writers:
            self.check_parts(writer)

    def check_parts(self, writer: Writer) -> None:
        """What was uploaded of an object that nobody completed yet."""
        parts = writer.parts_seen()
        for name in self._oracle.names:
            kind, _, rest = name.partition(f"part:{writer.number}:")
            if not kind and rest:
                etag = parts.get(int(rest), ABSENT)
                assert etag in self._oracle.may_be(name), f"{name} is {etag or 'absent'}"
                self._oracle.settle(name, etag)

    def read(self, key: str) -> tuple[str, int]:
        """Value and size of what a key shows."""
        with Wire(self._server) as wire:
            reply = wire.ask(request(self._server, "GET", f"/crash/{key}"))
        if reply.status == 404:
            return ABSENT, 0
        assert reply.status == 200, reply
        return value_of(reply.body), len(reply.body)

    def listed(self) -> dict[str, int]:
        """Key → size of everything that a listing shows."""
        with Wire(self._server) as wire:
            reply = wire.ask(request(self._server, "GET", "/crash", {"list-type": "2"}))
        rows = reply.body.decode().split("<Contents>")[1:]
        return {between(row, "<Key>", "<"): int(between(row, "<Size>", "<")) for row in rows}
