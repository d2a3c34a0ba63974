"""The rules by which pages of other origins may use a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
"""

from ferrox.errors import InvalidArgument, InvalidRequest, MalformedXML
from ferrox.protocol.shapes.cors import CORSConfiguration, CORSRule

MAX_RULES = 100
MAX_ID_CHARACTERS = 255
METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})


def check(document: CORSConfiguration) -> None:
    """Raise unless a bucket may have these rules."""
    if len(document.cors_rules) > MAX_RULES:
        raise InvalidRequest(f"The number of CORS rules should not exceed {MAX_RULES}.")
    ids = [rule.id for rule in document.cors_rules if rule.id is not None]
    for rule_id in ids:
        if len(rule_id) > MAX_ID_CHARACTERS:
            raise _invalid_id(f"ID length should not exceed {MAX_ID_CHARACTERS}", rule_id)
        if ids.count(rule_id) > 1:
            raise _invalid_id("Rule ID must be unique. Found same ID for two rules", rule_id)
    for rule in document.cors_rules:
        _check_rule(rule)


def _check_rule(rule: CORSRule) -> None:
    for method in rule.allowed_methods:
        if method not in METHODS:
            raise InvalidRequest(
                f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )
    patterns = [("AllowedOrigin", origin) for origin in rule.allowed_origins]
    patterns += [("AllowedHeader", header) for header in rule.allowed_headers or ()]
    for element, pattern in patterns:
        if pattern.count("*") > 1:
            raise InvalidRequest(f'{element} "{pattern}" can not have more than one wildcard.')
    for header in rule.expose_headers or ():
        if "*" in header:
            raise InvalidRequest(
                f'ExposeHeader "{header}" contains wildcard.'
                " We currently do not support wildcard for ExposeHeader."
            )
    if rule.max_age_seconds is not None and rule.max_age_seconds < 0:
        raise MalformedXML


def _invalid_id(message: str, rule_id: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName="ID", ArgumentValue=rule_id)
