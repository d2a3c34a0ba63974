"""`ferroxd serve` up to the point where the server itself takes over."""

import sys
from types import ModuleType

import pytest

from ferrox.cli import serve
from ferrox.config import Config


def test_help_is_printed_and_nothing_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == serve.run(["--help"])
    assert "--data-dir" in capsys.readouterr().out


def test_the_server_gets_the_settings_and_its_status_is_handed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Config] = []

    class App(ModuleType):
        @staticmethod
        def serve(settings: Config) -> int:
            seen.append(settings)
            return 3

    app = App("ferrox.app")
    monkeypatch.setitem(sys.modules, "ferrox.app", app)
    monkeypatch.setattr("ferrox.app", app, raising=False)
    monkeypatch.setenv("FERROX_REGION", "eu-west-9")

    status = serve.run(["--bind", "127.0.0.1:0"])

    assert 3 == status
    assert ("eu-west-9", "127.0.0.1:0") == (seen[0].region, str(seen[0].bind))
