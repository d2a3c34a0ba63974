import pytest

from ferrox.protocol.documents import cors
from ferrox.protocol.shapes.cors import CORSConfiguration
from tests.protocol.documents.reading import read, verdict

RULE = "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"


def judge(*rules: str) -> str:
    content = "".join(f"<CORSRule>{rule}</CORSRule>" for rule in rules)
    return verdict(lambda: cors.check(read(CORSConfiguration, "CORSConfiguration", content)))


@pytest.mark.parametrize(
    "rule",
    [
        RULE,
        RULE + "<AllowedOrigin></AllowedOrigin>",
        RULE + "<AllowedOrigin>http://*.example.com</AllowedOrigin>",
        RULE + "<AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>",
        "".join(f"<AllowedMethod>{method}</AllowedMethod>" for method in cors.METHODS)
        + "<AllowedOrigin>https://example.com</AllowedOrigin>",
        f"<ID>{'i' * 255}</ID>{RULE}<MaxAgeSeconds>0</MaxAgeSeconds>",
    ],
)
def test_rules_that_are_accepted(rule: str) -> None:
    assert judge(rule) == ""


def test_a_hundred_rules_are_accepted_and_no_more() -> None:
    assert judge(*[RULE] * 100) == ""
    assert judge(*[RULE] * 101).startswith("InvalidRequest: The number of CORS rules")


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        (
            RULE + "<AllowedMethod>OPTIONS</AllowedMethod>",
            "InvalidRequest: Found unsupported HTTP method in CORS config."
            " Unsupported method is OPTIONS",
        ),
        (
            RULE + "<AllowedMethod>get</AllowedMethod>",
            "InvalidRequest: Found unsupported HTTP method in CORS config."
            " Unsupported method is get",
        ),
        (
            RULE + "<AllowedOrigin>http://*.*</AllowedOrigin>",
            'InvalidRequest: AllowedOrigin "http://*.*" can not have more than one wildcard.',
        ),
        (
            RULE + "<AllowedHeader>*-*</AllowedHeader>",
            'InvalidRequest: AllowedHeader "*-*" can not have more than one wildcard.',
        ),
        (
            RULE + "<ExposeHeader>x-*</ExposeHeader>",
            'InvalidRequest: ExposeHeader "x-*" contains wildcard.'
            " We currently do not support wildcard for ExposeHeader.",
        ),
        (f"<ID>{'i' * 256}</ID>{RULE}", "InvalidArgument: ID length should not exceed 255"),
    ],
)
def test_rules_that_are_refused(rule: str, refusal: str) -> None:
    assert refusal == judge(rule)


def test_an_id_is_used_once() -> None:
    assert judge(f"<ID>a</ID>{RULE}", f"<ID>a</ID>{RULE}").startswith("InvalidArgument: Rule ID")
    assert judge(f"<ID>a</ID>{RULE}", f"<ID>b</ID>{RULE}", RULE, RULE) == ""


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "<AllowedMethod>GET</AllowedMethod>",
        "<AllowedOrigin>*</AllowedOrigin>",
        RULE + "<MaxAgeSeconds>soon</MaxAgeSeconds>",
        RULE + "<MaxAgeSeconds>-1</MaxAgeSeconds>",
        RULE + "<AllowedColour>red</AllowedColour>",
    ],
)
def test_what_is_no_rule_is_malformed(rule: str) -> None:
    assert judge(rule).startswith("MalformedXML: ")


def test_a_configuration_has_a_rule() -> None:
    assert judge().startswith("MalformedXML: ")
