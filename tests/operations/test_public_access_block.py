import pytest

from ferrox.operations.public_access_block import Settings, together

ON, OFF = {"BlockPublicAcls": True}, {"BlockPublicAcls": False}


@pytest.mark.parametrize(
    ("own", "of_owner", "expected"),
    [
        (None, None, False),
        (OFF, None, False),
        (None, OFF, False),
        (OFF, OFF, False),
        (ON, None, True),
        (None, ON, True),
        (ON, OFF, True),
        (OFF, ON, True),
        (ON, {}, True),
    ],
)
def test_a_setting_is_in_force_where_either_has_it(
    own: Settings | None, of_owner: Settings | None, expected: bool
) -> None:
    assert expected is together(own, of_owner).get("BlockPublicAcls", False)


def test_settings_do_not_run_together() -> None:
    both = together({"BlockPublicAcls": True}, {"IgnorePublicAcls": True})

    assert ["BlockPublicAcls", "IgnorePublicAcls"] == [
        name for name, is_on in both.items() if is_on
    ]
