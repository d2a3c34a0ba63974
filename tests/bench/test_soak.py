"""Growth is told from noise and from caches that fill."""

from build.bench import soak


def samples(*sizes: float) -> list[tuple[float, float]]:
    return list(enumerate(sizes))


def test_memory_that_stays_is_fine() -> None:
    growth = soak.growth(samples(*[60, 61] * 50))

    assert not growth.is_too_much
    assert abs(growth.grown_mb) < 1


def test_memory_that_rises_for_ever_is_not() -> None:
    growth = soak.growth(samples(*[60 + 0.3 * second for second in range(100)]))

    assert growth.is_too_much
    assert 15 == round(growth.grown_mb)


def test_caches_may_fill_at_the_beginning() -> None:
    filling = [10 + second for second in range(50)]

    assert not soak.growth(samples(*filling, *[60.0] * 50)).is_too_much


def test_a_little_is_never_too_much() -> None:
    assert not soak.growth(samples(*[20 + 0.06 * second for second in range(100)])).is_too_much
