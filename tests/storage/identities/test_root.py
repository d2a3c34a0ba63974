"""The pair of the root: its secret is nowhere to be seen."""

from ferrox.storage.identities.root import RootCredentials


def test_a_pair_does_not_show_its_secret() -> None:
    assert "RootCredentials('FRX')" == repr(RootCredentials("FRX", "hush"))
