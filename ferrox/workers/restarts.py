"""When a worker that ended is started again, and when to stop trying."""

MOST_IN_A_ROW = 5
"""As often may a worker end at once before the server gives up: after a second and a half."""

AT_ONCE_S = 1.0
"""A worker that served for a shorter time than this, or not at all, has ended at once."""

_FIRST_DELAY_S = 0.2


class Restarts:
    """Counts the ends of one worker. A worker that had served comes back without delay."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def delay_s(self, served_s: float) -> float | None:
        """How long to wait before the next start; None to give up.

        served_s  how long the worker had served, 0 when it never came to that
        """
        if served_s >= AT_ONCE_S:
            self._in_a_row = 0
            return 0.0
        self._in_a_row += 1
        if self._in_a_row >= MOST_IN_A_ROW:
            return None
        if self._in_a_row == 1:
            return 0.0
        return _FIRST_DELAY_S * 2.0 ** (self._in_a_row - 2)
