"""Faults that a server for tests injects."""

from dataclasses import dataclass
from typing import Annotated

Rule = Annotated[
    str, "OPERATION[@BUCKET[/KEY-PREFIX]]:FAULT[:PROBABILITY[:COUNT]], as in put_object:503:0.1."
]


@dataclass(frozen=True, kw_only=True)
class NewFault:
    """What is to happen."""

    rule: Rule


@dataclass(frozen=True, kw_only=True)
class OneFault:
    """Which rule."""

    number: Annotated[str, "Of the rule, as the list shows it."]


@dataclass(frozen=True, kw_only=True)
class FaultView:
    """What happens, and how often it has happened."""

    number: int
    rule: Rule
    requests: Annotated[int, "That it concerned since it was added."]
    injected: Annotated[int, "Of them, those that it happened to."]


@dataclass(frozen=True, kw_only=True)
class Faults:
    """All that happens."""

    faults: tuple[FaultView, ...]
