"""What the lifecycle rules of a bucket would do now, and what they did."""

from ferrox.admin.backstage import AdminCall
from ferrox.admin.handlers.buckets import bucket_named
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.buckets import OneBucket
from ferrox.admin.shapes.lifecycle import LifecycleRun, LifecycleRuns, LifecycleStepView
from ferrox.document_errors import NoSuchLifecycleConfiguration
from ferrox.jobs.lifecycle import DOCUMENT, plan, rules_of
from ferrox.lifecycle_records import LifecycleReport


@answers("PlanLifecycle")
async def plan_lifecycle(call: AdminCall, args: OneBucket) -> LifecycleRun:
    """Tell what the rules of a bucket would do now."""
    store = call.services.store
    bucket = bucket_named(call, args.bucket)
    document = store.bucket_document(bucket, DOCUMENT)
    if document is None:
        raise NoSuchLifecycleConfiguration
    rules = rules_of(document, call.backstage.config.lifecycle_debug_day)
    return _view(await plan(store, bucket, rules, call.services.clock.now_ms()))


@answers("ListLifecycleRuns")
async def list_lifecycle_runs(call: AdminCall, args: OneBucket) -> LifecycleRuns:
    """Tell what the last runs of the rules of a bucket did."""
    reports = await call.services.store.lifecycle_reports(bucket_named(call, args.bucket))
    return LifecycleRuns(runs=tuple(map(_view, reports)))


def _view(report: LifecycleReport) -> LifecycleRun:
    return LifecycleRun(
        started=instant(report.started_ms),
        ended=instant(report.ended_ms),
        counts=report.counts,
        rule_counts=report.rule_counts,
        size_bytes=report.size_bytes,
        locked_count=report.locked_count,
        errors=tuple(report.errors),
        first=tuple(
            LifecycleStepView(
                action=step.action.value,
                rule_id=step.rule_id,
                key=step.key,
                name=step.name,
                size_bytes=step.size_bytes,
            )
            for step in report.first
        ),
    )
