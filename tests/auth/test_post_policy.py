"""auth/post_policy.py: the signed policies of browser upload forms."""

import base64
import json
from typing import Any

import pytest
from botocore.auth import HmacV1PostAuth, S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ferrox.auth import post_policy
from ferrox.errors import (
    AccessDenied,
    InvalidArgument,
    InvalidPolicyDocument,
    SignatureDoesNotMatch,
)
from tests.signing import ACCESS_KEY, REGION, SECRET_KEY

NOW_MS = 1_700_000_000_000
EXPIRATION = "2023-11-15T00:00:00.250Z"
EXPIRES_MS = 1_700_006_400_250
CONDITIONS: list[Any] = [{"bucket": "photos"}, ["starts-with", "$key", "user/"]]
FORM = {"bucket": "photos", "key": "user/cat.png"}


def encoded(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def policy(*conditions: object) -> str:
    return encoded({"expiration": EXPIRATION, "conditions": list(conditions)})


def signed_form(auth: type[Any], *arguments: str) -> dict[str, str]:
    """The fields that botocore makes for a form, by lower-case name."""
    request = AWSRequest()
    request.context["s3-presign-post-fields"] = {}
    request.context["s3-presign-post-policy"] = {
        "expiration": EXPIRATION,
        "conditions": list(CONDITIONS),
    }
    auth(Credentials(ACCESS_KEY, SECRET_KEY), *arguments).add_auth(request)
    fields = request.context["s3-presign-post-fields"]
    return {name.lower(): value for name, value in fields.items()}


def claim_of(fields: dict[str, str], *, region: str = REGION) -> post_policy.Claim:
    claim = post_policy.read_claim(fields, region, may_be_version_2=True)
    assert claim is not None
    return claim


@pytest.mark.parametrize(
    "fields",
    [signed_form(S3SigV4PostAuth, "s3", REGION), signed_form(HmacV1PostAuth)],
    ids=["version 4", "version 2"],
)
def test_the_signature_of_botocore_is_right_and_any_other_is_wrong(fields: dict[str, str]) -> None:
    claim = claim_of(fields)

    post_policy.verify(claim, SECRET_KEY)

    assert ACCESS_KEY == claim.access_key_id
    for wrong in (
        claim._replace(signature=claim.signature.swapcase()),
        claim._replace(signature=""),
        claim._replace(policy=claim.policy + "="),
    ):
        with pytest.raises(SignatureDoesNotMatch):
            post_policy.verify(wrong, SECRET_KEY)
    with pytest.raises(SignatureDoesNotMatch):
        post_policy.verify(claim, SECRET_KEY + "x")


def test_the_form_of_botocore_meets_its_own_policy() -> None:
    fields = signed_form(S3SigV4PostAuth, "s3", REGION)
    policy_of_botocore = post_policy.parse(fields["policy"])

    post_policy.check(policy_of_botocore, fields | FORM, NOW_MS)

    with pytest.raises(AccessDenied):
        post_policy.check(policy_of_botocore, fields | FORM | {"key": "other"}, NOW_MS)


@pytest.mark.parametrize("form", [FORM, FORM | {"policy": policy(*CONDITIONS)}])
def test_a_form_without_signature_claims_nothing(form: dict[str, str]) -> None:
    assert post_policy.read_claim(form, REGION, may_be_version_2=True) is None


@pytest.mark.parametrize(
    "missing", ["policy", "x-amz-credential", "x-amz-date", "x-amz-algorithm", "x-amz-signature"]
)
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    fields = signed_form(S3SigV4PostAuth, "s3", REGION)
    del fields[missing]

    with pytest.raises(InvalidArgument) as refusal:
        post_policy.read_claim(fields, REGION, may_be_version_2=True)

    assert f"named '{missing}'" in refusal.value.message.lower()


@pytest.mark.parametrize("missing", ["awsaccesskeyid", "signature"])
def test_a_field_of_version_2_that_is_missing_is_named(missing: str) -> None:
    fields = signed_form(HmacV1PostAuth)
    del fields[missing]

    with pytest.raises(InvalidArgument) as refusal:
        post_policy.read_claim(fields, REGION, may_be_version_2=True)

    assert f"named '{missing}'" in refusal.value.message.lower()


def test_version_2_is_refused_where_it_is_turned_off() -> None:
    with pytest.raises(InvalidArgument):
        post_policy.read_claim(signed_form(HmacV1PostAuth), REGION, may_be_version_2=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-algorithm", "AWS4-HMAC-SHA1"),
        ("x-amz-date", "20231114"),
        ("x-amz-date", "2023-11-14T00:00"),
        ("x-amz-credential", "AKIA"),
        ("x-amz-credential", "AKIA/20000101/us-east-1/s3/aws4_request"),
        ("x-amz-credential", "/20231114/us-east-1/s3/aws4_request"),
    ],
)
def test_a_field_of_the_signature_that_is_not_valid_is_named(name: str, value: str) -> None:
    fields = signed_form(S3SigV4PostAuth, "s3", REGION) | {name: value}

    with pytest.raises(InvalidArgument) as refusal:
        post_policy.read_claim(fields, REGION, may_be_version_2=True)

    assert value == refusal.value.details["ArgumentValue"]


@pytest.mark.parametrize(
    ("credential", "message"),
    [
        (f"AKIA/20231114/{REGION}/s3/aws4_request", "the region '{}' is wrong; expecting '{}'"),
        (
            "/20231114/eu-north-1/s3/aws4_request",
            "a non-empty Access Key (AKID) must be provided in the credential.",
        ),
    ],
)
def test_a_credential_that_is_of_elsewhere_or_of_nobody_is_refused(
    credential: str, message: str
) -> None:
    fields = signed_form(S3SigV4PostAuth, "s3", REGION) | {"x-amz-credential": credential}

    with pytest.raises(InvalidArgument) as refusal:
        claim_of(fields, region="eu-north-1")

    assert message.format(REGION, "eu-north-1") == refusal.value.message
    assert {"ArgumentName": "X-Amz-Credential", "ArgumentValue": credential}.items() <= (
        refusal.value.details.items()
    )


def test_a_policy_is_read_with_names_in_lower_case_and_values_as_they_are() -> None:
    found = post_policy.parse(
        policy(
            {"BUCKET": "Photos"},
            ["EQ", "$Key", "User/Cat"],
            ["Starts-With", "$Content-Type", "image/"],
            ["Content-Length-Range", 1, "10"],
        )
    )

    assert EXPIRES_MS == found.expires_ms
    assert [condition[:3] for condition in found.conditions] == [
        ("eq", "bucket", "Photos"),
        ("eq", "key", "User/Cat"),
        ("starts-with", "content-type", "image/"),
    ]
    assert (found.least_bytes, found.most_bytes) == (1, 10)


def test_of_two_ranges_the_narrower_bounds_count() -> None:
    ranges = (["content-length-range", 1, 10], ["content-length-range", 0, 5])

    found = post_policy.parse(policy(*ranges))

    assert (found.least_bytes, found.most_bytes) == (1, 5)


@pytest.mark.parametrize(
    "text",
    [
        "not base64!",
        base64.b64encode(b"\xff").decode(),
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b"[" * 100_000).decode(),
        encoded([]),
        encoded({"expiration": EXPIRATION}),
        encoded({"conditions": []}),
        encoded({"expiration": EXPIRATION, "CONDITIONS": []}),
        encoded({"expiration": EXPIRATION, "conditions": [], "more": 1}),
        encoded({"expiration": EXPIRATION, "conditions": {}}),
        encoded({"expiration": "tomorrow", "conditions": []}),
        encoded({"expiration": "2023-13-15T00:00:00Z", "conditions": []}),
        encoded({"expiration": 17, "conditions": []}),
        policy({}),
        policy([]),
        policy("eq"),
        policy({"key": 1}),
        policy(["eq", "$key"]),
        policy(["eq", "$key", 1]),
        policy({"bucket": "photos", "key": "a"}),
        policy(["ends-with", "$key", "a"]),
        policy(["eq", "$key", "a", "b"]),
        policy(["content-length-range", 1]),
        policy(["content-length-range", -1, 0]),
        policy(["content-length-range", 0, "-1"]),
        policy(["content-length-range", None, 1]),
        policy(["content-length-range", 0, 512.0]),
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InvalidPolicyDocument):
        post_policy.parse(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\$a", "$a"),
        (r"\\$a", "\\$a"),
        (r"\\\$a", "\\$a"),
        (r"\v", "\v"),
        (r"\\v", "\\v"),
        (r"\n\u0041", "\nA"),
    ],
)
def test_a_policy_has_two_escapes_that_json_has_not(written: str, meant: str) -> None:
    text = f'{{"expiration": "{EXPIRATION}", "conditions": [{{"key": "{written}"}}]}}'

    (condition,) = post_policy.parse(base64.b64encode(text.encode()).decode()).conditions

    assert meant == condition.value


def test_a_policy_may_be_broken_into_lines() -> None:
    text = policy(*CONDITIONS)

    assert post_policy.parse(f"{text[:20]}\r\n{text[20:]}\n") == post_policy.parse(text)


def test_a_policy_ends_at_its_expiration() -> None:
    parsed = post_policy.parse(policy(*CONDITIONS))

    post_policy.check(parsed, FORM, EXPIRES_MS - 1)

    with pytest.raises(AccessDenied, match=r"Policy expired\."):
        post_policy.check(parsed, FORM, EXPIRES_MS)


@pytest.mark.parametrize(
    ("condition", "value", "is_met"),
    [
        ({"acl": "private"}, "private", True),
        ({"acl": "private"}, "Private", False),
        ({"acl": "private"}, None, False),
        (["eq", "$acl", "private"], "private ", False),
        (["starts-with", "$acl", "pri"], "private", True),
        (["starts-with", "$acl", ""], "anything", True),
        (["starts-with", "$acl", ""], None, False),
        (["starts-with", "$acl", "pub"], "private", False),
        (["starts-with", "$Content-Type", "image/"], "image/png, image/gif", True),
        (["starts-with", "$Content-Type", "image/"], "image/png,text/html", False),
    ],
)
def test_a_form_must_meet_each_condition(condition: Any, value: str | None, is_met: bool) -> None:
    parsed = post_policy.parse(policy(*CONDITIONS, condition))
    name = parsed.conditions[-1].field
    fields = FORM if value is None else FORM | {name: value}

    if is_met:
        post_policy.check(parsed, fields, NOW_MS)
    else:
        with pytest.raises(AccessDenied, match=r"Policy Condition failed: \["):
            post_policy.check(parsed, fields, NOW_MS)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"Acl": 'a "b"'}, r'["eq", "$Acl", "a \"b\""]'),
        (["EQ", "$Acl", "private"], '["EQ", "$Acl", "private"]'),
        (["starts-with", "acl", ""], '["starts-with", "acl", ""]'),
        (["content-length-range", "some", "10"], '["content-length-range", "some", "10"]'),
    ],
)
def test_a_condition_that_is_not_met_is_told_as_the_policy_puts_it(
    condition: object, told: str
) -> None:
    parsed = post_policy.parse(policy(*CONDITIONS, condition))

    with pytest.raises(AccessDenied) as refusal:
        post_policy.check(parsed, FORM | {"acl": "other", "": "any"}, NOW_MS)

    assert f"Invalid according to Policy: Policy Condition failed: {told}" == refusal.value.message


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"Statement": []}, "Unexpected: 'statement'."),
        ({"expiration": EXPIRATION}, "Policy missing conditions."),
        ({"conditions": []}, "Policy missing expiration."),
        ({"expiration": EXPIRATION, "CONDITIONS": []}, "Policy missing conditions."),
        (
            {"expiration": EXPIRATION, "conditions": [], "Conditions": []},
            "Unexpected: 'Conditions'.",
        ),
        (
            {"expiration": EXPIRATION, "conditions": [{"bucket": "b", "key": "k"}]},
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
        ),
        (
            {"expiration": EXPIRATION, "conditions": [{"Content-Length": 6}]},
            "Invalid Simple-Condition: value must be a string.",
        ),
        (
            {"expiration": EXPIRATION, "conditions": [[]]},
            "Invalid Condition: missing operation identifier.",
        ),
        (
            {"expiration": "2015-10-17 03:15:59 UTC"} | {"conditions": []},
            "Invalid 'expiration' value: '2015-10-17 03:15:59 UTC'",
        ),
    ],
)
def test_what_is_wrong_with_a_policy_is_told_in_the_words_of_aws(
    document: object, message: str
) -> None:
    with pytest.raises(InvalidPolicyDocument) as refusal:
        post_policy.parse(encoded(document))

    assert f"Invalid Policy: {message}" == refusal.value.message


def test_a_field_without_condition_is_refused() -> None:
    parsed = post_policy.parse(policy(*CONDITIONS))

    with pytest.raises(AccessDenied, match="Extra input fields: x-amz-meta-owner"):
        post_policy.check(parsed, FORM | {"x-amz-meta-owner": "me"}, NOW_MS)


def test_a_policy_that_names_no_bucket_lets_nothing_into_any() -> None:
    parsed = post_policy.parse(policy(*CONDITIONS[1:]))

    with pytest.raises(AccessDenied, match=r"Extra input fields: bucket$"):
        post_policy.check(parsed, FORM, NOW_MS)


def test_fields_that_carry_the_policy_or_ask_to_be_ignored_need_no_condition() -> None:
    parsed = post_policy.parse(policy(*CONDITIONS))
    free = ("policy", "signature", "awsaccesskeyid", "x-amz-signature", "file", "x-ignore-me")

    form = FORM | dict.fromkeys(free, "anything")

    post_policy.check(parsed, form, NOW_MS)

    with pytest.raises(AccessDenied, match="Extra input fields: x-amz-date"):
        post_policy.check(parsed, form | {"x-amz-date": "anything"}, NOW_MS)
