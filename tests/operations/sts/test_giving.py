"""operations/sts/giving.py: credentials are made anew each time, and say what they depend on."""

from tests.sessions import World


async def test_no_two_credentials_are_the_same(world: World) -> None:
    results = [await world.root.sts("GetSessionToken") for _ in range(10)]

    for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        assert 10 == len({one["Credentials"][name] for one in results})


async def test_a_token_belongs_to_its_key(world: World) -> None:
    first, second = [world.root.within(await world.root.sts("GetSessionToken")) for _ in range(2)]
    first.more, second.more = second.more, first.more

    assert "InvalidToken" == (await first.s3("GET", "/")).code
    assert "InvalidClientTokenId" == (await second.denied("GetCallerIdentity"))[1]


async def test_a_temporary_key_needs_its_token(world: World) -> None:
    session = world.root.within(await world.root.sts("GetSessionToken"))
    assert 200 == (await session.s3("GET", "/")).status
    session.more = {}

    assert "InvalidAccessKeyId" == (await session.s3("GET", "/")).code


async def test_every_session_can_be_ended_at_once(world: World) -> None:
    session = world.root.within(await world.root.sts("GetSessionToken"))
    assert 200 == (await session.s3("GET", "/")).status

    world.identities.session_seal.renew()

    assert "InvalidToken" == (await session.s3("GET", "/")).code
