"""admin/reception.py: who is who at which way in; the plane is loaded when somebody asks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ferrox.admin.reception import Admin
from ferrox.admin_roles import DEFAULT_RULES, Subject
from ferrox.protocol.message import Request, Tls
from tests.admin.operator import Operator

ROOT = Path(__file__).parents[2]
JOBS = "/admin/v1/jobs"


def tls(*subject: tuple[str, str]) -> Tls:
    return Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", subject)


async def test_over_the_socket_comes_an_administrator(operator: Operator) -> None:
    headers = {"content-type": "application/json"}
    request = Request("POST", f"{JOBS}/sweeping/run", "", headers)

    response = await Admin(operator.backstage).over_socket().answer(request)

    assert (200, "admin.sock") == (response.status, request.facts["access_key_id"])


@pytest.mark.parametrize(
    ("subject", "statuses"),
    [
        ((("commonName", "a"), ("organizationalUnitName", "admin")), [200, 200]),
        ((("organizationalUnitName", "read-only"),), [200, 403]),
        ((("commonName", "admin"),), [403, 403]),
        ((), [403, 403]),
    ],
)
async def test_over_tls_the_certificate_says_the_role(
    operator: Operator, subject: Subject, statuses: list[int]
) -> None:
    reception = Admin(operator.backstage).over_tls(DEFAULT_RULES)
    headers = {"content-type": "application/json"}
    requests = [
        Request("GET", JOBS, "", {}, tls=tls(*subject)),
        Request("POST", f"{JOBS}/sweeping/run", "", headers, tls=tls(*subject)),
    ]

    assert statuses == [(await reception.answer(request)).status for request in requests]


async def test_without_tls_nobody_comes_in_over_tls(operator: Operator) -> None:
    response = (
        await Admin(operator.backstage).over_tls(DEFAULT_RULES).answer(Request("GET", JOBS, "", {}))
    )

    assert 403 == response.status


async def test_both_ways_lead_to_one_plane(operator: Operator) -> None:
    admin = Admin(operator.backstage)

    assert admin.plane() is admin.plane()


async def test_streams_end_with_the_server(operator: Operator) -> None:
    stream = operator.backstage.streams.follow(0, None)
    await anext(stream)

    Admin(operator.backstage).end_streams()

    assert [] == [block async for block in stream]


def test_before_somebody_asks_the_plane_is_not_loaded() -> None:
    code = (
        "import json, sys, ferrox.admin.reception;"
        "print(json.dumps([name for name in sys.modules if name.startswith('ferrox.admin')]))"
    )

    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert {"ferrox.admin.plane", "ferrox.admin.table"}.isdisjoint(json.loads(run.stdout))
