"""What pages of a listing hold and where they begin."""

import pytest

from tests.in_process import InProcess


@pytest.mark.parametrize("start", [{"list-type": "2", "start-after": "a/1"}, {"marker": "a/1"}])
async def test_a_start_inside_a_common_prefix_passes_over_all_of_it(
    s3: InProcess, start: dict[str, str]
) -> None:
    """Version 2 used to show `a/` again: it is less than `a/1`, hence AWS filters it out."""
    await s3.make_bucket()
    for key in ("a/1", "a/2", "b/1"):
        await s3.put(key)

    answer = await s3.ask("GET", "/bucket", {"delimiter": "/"} | start)

    assert {"Prefix": "b/"} == answer.document["CommonPrefixes"]
