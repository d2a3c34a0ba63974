"""A second evaluator of policies, written from AWS's pages alone and as simply as can be.

It shares no line with ferrox/iam: it reads the JSON anew for each question, tries every wildcard
letter by letter, and follows the flow charts of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Context = dict[str, list[str]]
"""Condition keys in lower case, each with its values."""

STAR, ONE = object(), object()


@dataclass(frozen=True)
class Caller:
    """Who asks; `kind` is root, user, role (a session of one), federated or anonymous."""

    kind: str
    account: str
    arn: str
    parent: str = ""


@dataclass(frozen=True)
class Situation:
    """Everything that is attached to a question; None and () are nothing."""

    caller: Caller
    owner: str
    identity: tuple[Json, ...] = ()
    resource: Json | None = None
    boundary: Json | None = None
    sessions: tuple[Json, ...] = ()


def verdict(action: str, arn: str, context: Context, situation: Situation) -> str:
    """Return allowed, explicitDeny or implicitDeny."""
    caller = situation.caller
    own = [*situation.identity, *situation.sessions]
    own += [situation.boundary] if situation.boundary else []

    def says(document: Json, effect: str) -> bool:
        return any(
            one["Effect"] == effect and applies(one, action, arn, context)
            for one in statements(document)
        )

    if any(says(document, "Deny") for document in own):
        return "explicitDeny"
    named = set()
    for one in statements(situation.resource) if situation.resource else []:
        if applies(one, action, arn, context):
            how = mention(one, caller)
            is_denial = one["Effect"] == "Deny"
            has_limit = situation.boundary is not None and "NotPrincipal" in one
            if is_denial and (how or has_limit):
                return "explicitDeny"
            if not is_denial:
                named.add(how)
    if caller.kind == "anonymous":
        return "allowed" if "itself" in named else "implicitDeny"
    within_limits = (situation.boundary is None or says(situation.boundary, "Allow")) and (
        not situation.sessions or any(says(one, "Allow") for one in situation.sessions)
    )
    granted = caller.kind == "root" or any(says(one, "Allow") for one in situation.identity)
    by_own_account = granted and within_limits
    if caller.account != situation.owner:
        is_allowed = by_own_account and bool(named - {""})
    else:
        is_allowed = by_own_account or "itself" in named or ("parent" in named and within_limits)
    return "allowed" if is_allowed else "implicitDeny"


def statements(document: Json) -> list[Json]:
    """The statements, of which one may stand alone."""
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def several(value: Any) -> list[str]:
    """A string, or many."""
    return value if isinstance(value, list) else [value]


def mention(statement: Json, caller: Caller) -> str:
    """Return itself, parent, account, or nothing."""
    if "NotPrincipal" in statement:
        return "" if _mention(statement["NotPrincipal"], caller) else "itself"
    return _mention(statement["Principal"], caller)


def _mention(element: Any, caller: Caller) -> str:
    names = ["*"] if element == "*" else several(element.get("AWS", []))
    # The ARN of the root stands for the whole account.
    if "*" in names or (caller.kind != "root" and caller.arn in names):
        return "itself"
    if caller.kind == "anonymous":
        return ""
    if caller.parent and caller.parent in names:
        return "parent"
    whole = {caller.account, f"arn:aws:iam::{caller.account}:root"}
    return "account" if whole & set(names) else ""


def applies(statement: Json, action: str, arn: str, context: Context) -> bool:
    """Whether action, resource and conditions of a statement fit."""
    if "Action" in statement:
        fits = any(glob(one.lower(), action.lower()) for one in several(statement["Action"]))
    else:
        fits = not any(glob(one.lower(), action.lower()) for one in several(statement["NotAction"]))
    if "Resource" in statement:
        fits &= any(is_resource(one, arn, context) for one in several(statement["Resource"]))
    else:
        fits &= not any(is_resource(one, arn, context) for one in several(statement["NotResource"]))
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            fits &= holds(operator, several(wanted), context.get(key.lower()), context)
    return fits


def is_resource(pattern: str, arn: str, context: Context) -> bool:
    """Whether an ARN fits a pattern, component by component."""
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return all(fits(one, other, context) for one, other in zip(wanted, given, strict=True))


def holds(operator: str, wanted: list[str], given: list[str] | None, context: Context) -> bool:
    """Whether one line of a condition block holds."""
    quantifier, _, name = operator.rpartition(":")
    if name == "Null":
        return (given is None) == (wanted == ["true"])
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    is_not = "Not" in name
    if not given or (quantifier and given == [""]):  # which is nothing to sets
        return if_exists or quantifier == "ForAllValues" or (is_not and not quantifier)

    def test(value: str) -> bool:
        return any(_compare(name.replace("Not", ""), value, one, context) for one in wanted)

    results = [test(value) != is_not for value in given]
    if quantifier == "ForAnyValue":
        return any(results)
    if quantifier == "ForAllValues" or is_not:
        return all(results)
    return any(results)


def _compare(name: str, value: str, wanted: str, context: Context) -> bool:
    if name == "StringEquals":
        return value == filled(wanted, context)
    if name == "StringEqualsIgnoreCase":
        text = filled(wanted, context)
        return text is not None and value.lower() == text.lower()
    if name == "StringLike":
        return fits(wanted, value, context)
    if name == "NumericLessThan":
        return float(value) < float(wanted)
    if name == "Bool":
        return value == wanted
    raise ValueError(name)


def tokens(pattern: str, context: Context) -> list[Any] | None:
    """Letters, STAR and ONE; None if a variable has no value."""
    found: list[Any] = []
    while pattern:
        if pattern.startswith("${"):
            name, _, pattern = pattern[2:].partition("}")
            value = value_of(name, context)
            if value is None:
                return None
            found += value
        else:
            found.append({"*": STAR, "?": ONE}.get(pattern[0], pattern[0]))
            pattern = pattern[1:]
    return found


def value_of(name: str, context: Context) -> str | None:
    """What stands for a variable."""
    if name in {"*", "?", "$"}:
        return name
    key, comma, default = name.partition(",")
    values = context.get(key.strip().lower(), [])
    if len(values) == 1:
        return values[0]
    return default.strip().strip("'") if comma else None


def filled(text: str, context: Context) -> str | None:
    """A text that is compared as it is, wildcards too."""
    found = tokens(text, context)
    signs = {STAR: "*", ONE: "?"}
    return None if found is None else "".join(signs.get(one, one) for one in found)


def fits(pattern: str, text: str, context: Context) -> bool:
    """Whether a text fits a pattern with wildcards and variables."""
    found = tokens(pattern, context)
    return found is not None and _fits(found, text)


def glob(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with wildcards."""
    return _fits([{"*": STAR, "?": ONE}.get(one, one) for one in pattern], text)


def _fits(wanted: list[Any], text: str) -> bool:
    if not wanted:
        return not text
    if wanted[0] is STAR:
        return _fits(wanted[1:], text) or (bool(text) and _fits(wanted, text[1:]))
    return bool(text) and wanted[0] in (ONE, text[0]) and _fits(wanted[1:], text[1:])
