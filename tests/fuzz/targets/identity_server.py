"""IAM, STS and KMS behind the sockets: whatever they are asked is no fault of the server.

An input is a list of requests with `----` between them: `iam` or `sts` and a form on the next line,
`kms OPERATION` and JSON. The root of an account asks, with the right signature. $key, $access and
$token stand for what the last answer that named one called it.
"""

import json
import re
from urllib.parse import urlencode
from xml.parsers import expat

from ferrox.protocol.iam import operations as iam
from ferrox.protocol.kms import operations as kms
from ferrox.protocol.sts import operations as sts
from tests import queries
from tests.fuzz.serving import Failures, Running, Server
from tests.fuzz.target import Target
from tests.fuzz.targets import kms_api
from tests.in_process import Answer
from tests.kms import Kms
from tests.queries import Queries

_NAMES = {
    b"$key": re.compile(rb'"KeyId":"(?:[^"]*/)?([0-9a-f-]{36})"'),
    b"$access": re.compile(rb"<AccessKeyId>([A-Z0-9]+)</AccessKeyId>"),
    b"$token": re.compile(rb'"CiphertextBlob":"([^"]+)"'),
}
_RUNNING = Running()
_FAILURES = Failures()


def check(data: bytes) -> None:
    """Have each request answered, by what can be read and is no fault of the server."""
    server = _RUNNING.server()
    for one in data.split(b"\n----\n")[:10]:
        answer = _asked(server, server.named(one))
        if answer is None:
            return
        _FAILURES.check()
        assert answer.status < 500 or answer.status == 501, answer.body
        if answer.headers.get("content-type", "").startswith("application/x-amz-json"):
            json.loads(answer.body or b"{}")
        elif answer.body:
            expat.ParserCreate().Parse(answer.body.replace(b"&#x", b"x"), True)
        for word, pattern in _NAMES.items():
            if found := pattern.search(answer.body):
                server.names[word] = found[1]


def _asked(server: Server, data: bytes) -> Answer | None:
    """The answer to one request; None if it is to nobody."""
    raw_name, _, body = data.partition(b"\n")
    name, _, operation = raw_name.decode("ascii", "ignore").partition(" ")
    server.clock.advance(1)
    if name in {"iam", "sts"}:
        return server.run(Queries(server.process).send(body, name))
    if name == "kms" and operation in kms.OPERATIONS:
        return server.run(Kms(server.process).send(operation, body))
    return None


def _form(name: str) -> bytes:
    row = (iam.OPERATIONS | sts.OPERATIONS)[name]
    version = queries.VERSIONS[row.service.scope_name]
    form = {"Action": name, "Version": version, **queries.sample(row.input)}
    return f"{row.service.scope_name}\n{urlencode(form)}".encode()


def _in_a_row(*names: str) -> bytes:
    return b"\n----\n".join(_form(name) for name in names)


TARGET = Target(
    check,
    seeds=(
        *(_form(name) for name in sorted(iam.OPERATIONS | sts.OPERATIONS)),
        *(b"kms " + seed for seed in kms_api.TARGET.seeds),
        _in_a_row("CreateUser", "CreateAccessKey", "ListAccessKeys", "DeleteUser"),
        _in_a_row("CreateRole", "PutRolePolicy", "GetRole", "ListRolePolicies", "DeleteRole"),
        _in_a_row("CreatePolicy", "ListPolicies", "CreateGroup", "AddUserToGroup", "ListUsers"),
        b'kms CreateKey\n{}\n----\nkms Encrypt\n{"KeyId":"$key","Plaintext":"QUJD"}\n----\n'
        b'kms Decrypt\n{"CiphertextBlob":"$token"}\n----\n'
        b'kms GenerateDataKey\n{"KeyId":"$key","KeySpec":"AES_256"}\n----\n'
        b'kms ScheduleKeyDeletion\n{"KeyId":"$key","PendingWindowInDays":7}',
    ),
    words=(
        *(f"Action={name}&Version=2010-05-08".encode() for name in sorted(iam.OPERATIONS)),
        *(f"Action={name}&Version=2011-06-15".encode() for name in sorted(sts.OPERATIONS)),
        *(f"kms {name}\n".encode() for name in sorted(kms.OPERATIONS)),
        *(b"\n----\n", b"iam\n", b"sts\n", b'"$key"', b"$access", b'"$token"', b"&Marker=", b"%00"),
        *(b"&UserName=", b"&PolicyDocument=", b"&Tags.member.1.Key=", b"arn:aws:iam::", b"\\ud800"),
    ),
)
