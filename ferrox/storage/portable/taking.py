"""What an import does with one thing after the other, and what it says of each."""

from typing import NamedTuple, Protocol

from ferrox.errors import S3Error
from ferrox.identity import GroupRecord, PolicyRecord, ProviderRecord, RoleRecord, UserRecord
from ferrox.storage.identities.view import IdentityView
from ferrox.storage.portable.document import Plain, Unacceptable

CREATED, REPLACED, UNCHANGED, LEFT_OUT, REFUSED = (
    "created", "replaced", "unchanged", "left out", "refused",
)  # fmt: skip

Checked = UserRecord | GroupRecord | RoleRecord | PolicyRecord | ProviderRecord


class Taken(NamedTuple):
    """One thing, what became of it, and why."""

    what: str
    outcome: str
    reason: str = ""


class Checks(Protocol):
    """Whether what is imported is what an operation would have accepted; raise S3Error if not."""

    def is_configuration(self, name: str) -> bool:
        """Whether a document of a bucket is something that somebody configured."""
        ...

    def identity(self, identities: IdentityView, record: Checked) -> None:
        """Check a record once everything else is there that it may name."""
        ...

    def key_policy(self, text: str) -> None:
        """Check the policy of a key of KMS; "" is the default one."""
        ...

    def bucket_name(self, name: str) -> None:
        """Check the name of a bucket."""
        ...

    def region(self, name: str) -> None:
        """Check the region of a bucket."""
        ...

    def bucket_document(
        self, identities: IdentityView, bucket: str, name: str, document: Plain
    ) -> None:
        """Check a document of a bucket."""
        ...


class Taking:
    """Decides what happens to things that may be there already, and keeps the list.

    may_replace  things that are there and differ are replaced, or else refused
    """

    def __init__(self, checks: Checks, *, may_replace: bool) -> None:
        self.checks = checks
        self.may_replace = may_replace
        self.taken: list[Taken] = []

    def is_wanted(self, what: str, found: Plain | None, entry: Plain) -> bool:
        """Whether a thing is to be written, given what there is now of its name."""
        if found is None:
            self._note(what, CREATED)
        elif found == entry:
            self._note(what, UNCHANGED)
        elif self.may_replace:
            self._note(what, REPLACED)
        else:
            self._note(what, REFUSED, "it is there already and differs; --replace replaces it")
        return self.taken[-1].outcome in {CREATED, REPLACED}

    def leave_out(self, what: str, reason: str) -> None:
        """Do without something."""
        self._note(what, LEFT_OUT, reason)

    def refuse(self, what: str, reason: object) -> None:
        """Note that something cannot be taken in: then nothing is."""
        if isinstance(reason, S3Error):
            reason = reason.message
        self._note(what, REFUSED, str(reason))

    @property
    def refused(self) -> list[Taken]:
        """What cannot be taken in."""
        return [one for one in self.taken if one.outcome == REFUSED]

    def require(self) -> None:
        """Unacceptable if something was refused."""
        if self.refused:
            raise Unacceptable(f"{len(self.refused)} things are refused, and nothing is changed")

    def _note(self, what: str, outcome: str, reason: str = "") -> None:
        self.taken.append(Taken(what, outcome, reason))
