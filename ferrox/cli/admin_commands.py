"""Commands that ask a running server: made from the table of endpoints, word for word.

    ferroxd user create NAME --policy P    is    POST /admin/v1/accounts/root/users

Fields that the command does not name are options. Lists are read to their end. What a server
refuses ends with status 1, what could not even be asked with status 2.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from urllib.parse import quote

from ferrox.admin import schema
from ferrox.admin.endpoint import PREFIX, Endpoint
from ferrox.admin.schema import Member
from ferrox.admin.table import ENDPOINTS
from ferrox.cli import admin_place, admin_tables
from ferrox.cli.admin_client import AdminClient, Refused
from ferrox.cli.admin_place import Parser
from ferrox.errors import StartError

_is_whole = re.compile(r"([0-9]{1,18})(?:([KMGT])(?:i?B)?|B)?", re.IGNORECASE).fullmatch
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def run(arguments: Sequence[str]) -> int:
    """Carry out one command; StartError when it cannot be."""
    arguments = _meant(arguments)
    known, unknown = _parser(arguments[0]).parse_known_args(arguments[1:])
    given = vars(known)
    endpoint: Endpoint | None = given.pop("endpoint", None)
    if endpoint is None:
        raise StartError(f"{arguments[0]} what? see ferroxd {arguments[0]} --help")
    if unknown:
        command = " ".join(endpoint.words)
        raise StartError(
            f"unrecognized arguments: {' '.join(unknown)}; see ferroxd {command} --help"
        )
    as_json = given.pop("json")
    client = AdminClient(admin_place.taken(given))
    asked = {name: value for name, value in given.items() if value is not None}
    try:
        if endpoint.stream:
            for line in admin_tables.events(client.follow(*_address(endpoint, asked)), as_json):
                print(line, flush=True)
        else:
            answer = _ask(client, endpoint, asked)
            shown = (
                json.dumps(answer, indent=2) if as_json else admin_tables.shown(endpoint, answer)
            )
            if shown and answer is not None:
                print(shown)
    except Refused as refusal:
        print(f"ferroxd: {refusal}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - what is not printed yet goes nowhere
    return 0


def _ask(client: AdminClient, endpoint: Endpoint, asked: dict[str, Any]) -> Any:
    """Ask once, or page by page until a list has come to its end."""
    answer = _ask_once(client, endpoint, asked)
    if not isinstance(answer, dict) or "limit" in asked:
        return answer
    whole = answer
    while answer.get("next"):
        answer = _ask_once(client, endpoint, asked | {"after": answer["next"]})
        whole = {
            name: [*whole[name], *value] if isinstance(value, list) else value
            for name, value in answer.items()
        }
    return whole


def _ask_once(client: AdminClient, endpoint: Endpoint, asked: dict[str, Any]) -> Any:
    path, elsewhere = _address(endpoint, asked)
    if endpoint.has_body:
        return client.ask(endpoint.method, path, {}, elsewhere)
    return client.ask(endpoint.method, path, elsewhere, None)


def _address(endpoint: Endpoint, asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path of a request, and the fields that it does not hold."""
    words = [
        quote(str(asked[word]), safe="") if is_field else word
        for word, is_field in endpoint.segments
    ]
    elsewhere = {name: value for name, value in asked.items() if name not in endpoint.in_path}
    if not endpoint.has_body:
        elsewhere = {name: _as_text(value) for name, value in elsewhere.items()}
    return f"{PREFIX}/{'/'.join(words)}", elsewhere


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# What may be said


def _meant(arguments: Sequence[str]) -> list[str]:
    """The words of a command; a noun alone is a wish to see its list."""
    noun, *rest = arguments
    if rest and (not rest[0].startswith("-") or rest[0] in {"-h", "--help"}):
        return [noun, *rest]
    listed = "refusal" if noun == "explain" else noun
    has_list = any(row.words == (listed, "list") for row in ENDPOINTS)
    return [listed, "list", *rest] if has_list else [noun, *rest]


def _parser(noun: str) -> argparse.ArgumentParser:
    rows = [row for row in ENDPOINTS if row.command and row.words[0] == noun]
    parser = Parser(prog=f"ferroxd {noun}", formatter_class=argparse.RawTextHelpFormatter)
    if len(rows) == 1 and len(rows[0].words) == 1:
        parser.description = rows[0].summary
        _add(parser, rows[0])
        return parser
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    for row in rows:
        words = " ".join(row.words[1:])
        one = commands.add_parser(words, help=row.summary, description=row.summary)
        _add(one, row)
    return parser


def _add(parser: argparse.ArgumentParser, row: Endpoint) -> None:
    """Everything that one command takes."""
    parser.set_defaults(endpoint=row)
    members = schema.members(row.input)
    arguments = dict(row.arguments)
    for name, is_needed in arguments.items():
        member = members[name]
        kinds = {"nargs": None if is_needed else "?", "type": _reader(member)}
        parser.add_argument(name, metavar=name.upper(), help=_help(member), **kinds)
    for name, member in members.items():
        if name not in arguments:
            _add_option(parser, member)
    parser.add_argument("--json", action="store_true", help="print what the server answers")
    admin_place.add_options(parser)


def _add_option(parser: argparse.ArgumentParser, member: Member) -> None:
    option = "--" + member.name.replace("_", "-")
    if member.kind is bool:
        parser.add_argument(
            option, dest=member.name, action="store_true", default=None, help=_help(member)
        )
        return
    is_list = get_origin(member.kind) is tuple
    parser.add_argument(
        option,
        dest=member.name,
        action="append" if is_list else "store",
        type=_reader(member),
        default=member.default if member.name == "account" else None,
        metavar=member.name.upper(),
        help=_help(member) + (" May be repeated." if is_list else ""),
    )


def _help(member: Member) -> str:
    default = "" if member.default in {None, "", ()} else f" (default: {member.default})"
    of = get_args(member.kind) if get_origin(member.kind) is Literal else ()
    meaning = member.meaning or ", ".join(of)
    if member.name.endswith("_bytes") and member.kind is int:
        meaning += " As 500, 10K or 5GiB."
    if get_origin(member.kind) is dict:
        meaning += " A file of JSON, or - for standard input."
    return (meaning + default).replace("%", "%%")


def _reader(member: Member) -> Any:
    if member.kind is int:
        return _whole
    if member.kind is float:
        return float
    if get_origin(member.kind) is dict:
        return _document
    return str


def _whole(text: str) -> int:
    """A whole number, of bytes maybe: 500, 10K, 5GiB."""
    match = _is_whole(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number like 500, 10K or 5GiB")
    return int(match[1]) << _UNITS[(match[2] or "").upper()]


def _document(text: str) -> Any:
    """A JSON document, from a file, or from standard input where the name is -."""
    try:
        data = sys.stdin.read() if text == "-" else Path(_path(text)).read_text("utf-8")
        return json.loads(data)
    except OSError as error:
        is_document = text.lstrip().startswith("{")
        hint = "; a document stands in a file, or - reads it" if is_document else ""
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}{hint}") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not JSON: {error}") from None


def _path(text: str) -> str:
    """The path of a file, also where it is written as for the AWS CLI."""
    return text.removeprefix("file://")
