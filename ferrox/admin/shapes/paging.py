"""What every list is asked with, and how it is cut into pages."""

from dataclasses import dataclass
from typing import Annotated

from ferrox.admin.schema import Between

MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Paged:
    """Which page of a list."""

    after: Annotated[str, "Go on after this one: `next` of the page before."] = ""
    limit: Annotated[int, "How many on the page.", Between(1, MOST)] = MOST


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """Nothing."""
