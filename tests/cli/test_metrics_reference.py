"""The page of all metrics."""

from ferrox import metrics
from ferrox.cli import metrics_reference

PAGE = metrics_reference.all_metrics()


def test_every_metric_has_a_row_with_its_meaning() -> None:
    rows = [f"| `{one.name}` | {one.kind} | " for one in metrics.TABLE]

    assert [] == [row for row in rows if row not in PAGE]
    assert [] == [one.name for one in metrics.TABLE if f" {one.meaning} |\n" not in PAGE]


def test_every_label_is_explained() -> None:
    explained = PAGE.partition("## Labels")[2]

    labels = {label for one in metrics.TABLE for label in one.labels}
    assert set() == {label for label in labels if label not in explained}
