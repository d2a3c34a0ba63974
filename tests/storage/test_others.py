from ferrox.storage.others import NOBODY


async def test_who_is_alone_needs_to_ask_nobody() -> None:
    assert [] == list(await NOBODY.held([b"blob"]))
