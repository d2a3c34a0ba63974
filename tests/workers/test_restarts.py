from ferrox.workers.restarts import AT_ONCE_S, Restarts


def test_a_worker_that_served_comes_back_at_once_however_often() -> None:
    restarts = Restarts()

    assert [0.0] * 50 == [restarts.delay_s(AT_ONCE_S) for _ in range(50)]


def test_a_worker_that_ends_at_once_comes_back_more_and_more_slowly_and_then_never() -> None:
    restarts = Restarts()

    assert [0.0, 0.2, 0.4, 0.8, None] == [restarts.delay_s(0.0) for _ in range(5)]


def test_a_worker_that_served_in_between_is_trusted_anew() -> None:
    restarts = Restarts()
    first = [restarts.delay_s(0.5) for _ in range(4)]

    restarts.delay_s(60.0)

    assert first == [restarts.delay_s(0.5) for _ in range(4)]
