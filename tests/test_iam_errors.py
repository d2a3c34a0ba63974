from ferrox.iam_errors import ExpiredSecurityToken, NoSuchEntity


def test_an_expired_token_is_told_apart_from_that_of_s3() -> None:
    assert ("ExpiredToken", 403) == (ExpiredSecurityToken.code, ExpiredSecurityToken.status)


def test_what_is_not_there_is_not_found() -> None:
    assert 404 == NoSuchEntity.status
