"""Inputs that the fuzzer kept, and those that once broke something, through every target.

scripts/fuzz finds them; here they are only tried again, which takes seconds and no fuzzer.
"""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from ferrox.auth.sigv4 import SigningKey
from ferrox.protocol.chunked import Decoder
from tests.fuzz import table
from tests.fuzz.target import cut


def trouble(check: Callable[[bytes], None], data: bytes, name: str) -> str | None:
    """What comes out of an input that is none of what may."""
    try:
        check(data)
    except Exception:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{name}: {data!r}\n{traceback.format_exc()}"
    return None


@pytest.mark.parametrize("name", table.NAMES)
def test_what_a_fuzzer_found_breaks_nothing(name: str) -> None:
    target = table.load(name)
    inputs = [(f"seed {number}", seed) for number, seed in enumerate(target.seeds)]
    inputs += [(path.name, path.read_bytes()) for path in table.kept(name)]

    troubles = [trouble(target.check, data, told) for told, data in inputs]

    assert [] == [one for one in troubles if one]


@pytest.mark.parametrize("name", table.NAMES)
def test_a_target_has_seeds_that_it_takes_and_inputs_of_its_size(name: str) -> None:
    target = table.load(name)
    too_long = [path.name for path in table.kept(name) if path.stat().st_size > target.max_bytes]

    assert target.seeds
    assert [] == too_long
    assert [] == [seed for seed in target.seeds if len(seed) > target.max_bytes]


def test_only_targets_have_inputs() -> None:
    folders = {path.name for part in ("corpus", "findings") for path in inputs_of(part)}

    assert folders <= set(table.NAMES)


def inputs_of(part: str) -> list[Path]:
    folder = table.FOLDER / part
    return list(folder.iterdir()) if folder.exists() else []


def test_a_target_that_is_none_is_not_loaded() -> None:
    with pytest.raises(KeyError):
        table.load("../target")


def test_cuts_lose_nothing_and_are_the_same_each_time() -> None:
    inputs = [bytes(range(size)) for size in range(200)]

    assert inputs == [b"".join(cut(data)) for data in inputs]
    assert [cut(data) for data in inputs] == [cut(data) for data in inputs]
    assert {len(cut(data)) > 2 for data in inputs} == {True, False}


# A target that cannot fail would find nothing.


@pytest.mark.parametrize("name", ["sigv4_header", "sigv4_query", "sigv4_round_trip", "chunked"])
def test_a_server_that_believes_every_signature_is_found_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SigningKey, "has_signed", lambda *_: True)
    target = table.load(name)
    forged = [seed.replace(b"Signature=", b"Signature=0") for seed in target.seeds]

    assert any(trouble(target.check, seed, "forged") for seed in [*target.seeds, *forged])


def test_a_decoder_that_depends_on_how_its_input_is_cut_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = Decoder.feed
    monkeypatch.setattr(
        Decoder, "feed", lambda self, data: feed(self, data)[: 1 if len(data) > 1 else None]
    )
    target = table.load("chunked")
    seed = b"\0\x062\r\nab\r\n4\r\ncdef\r\n0\r\n\r\n"

    assert trouble(target.check, seed, "cut") is not None
