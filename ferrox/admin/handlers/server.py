"""The server: what it has done, how it is set, what goes on beside the requests."""

import json
from typing import Any

from ferrox import __version__
from ferrox.admin.backstage import AdminCall
from ferrox.admin.errors import NotFound
from ferrox.admin.registry import answers
from ferrox.admin.schema import instant
from ferrox.admin.shapes.paging import Nothing
from ferrox.admin.shapes.server import (
    JobProgress,
    Jobs,
    JobView,
    OneJob,
    Settings,
    SettingView,
    Stats,
    WorkerView,
)
from ferrox.config import SETTINGS, Config
from ferrox.jobs.rounds import Rounds
from ferrox.setting import Setting

STATS_TOPIC = "stats"
_SUMMED = ("requests", "client_errors", "server_errors", "under_way", "connections")


@answers("GetStats")
async def get_stats(call: AdminCall, _args: Nothing) -> Stats:
    """Ask all workers what they have done."""
    backstage = call.backstage
    answered = await backstage.everyone.ask(STATS_TOPIC)
    told = {worker: json.loads(reply) for worker, reply in sorted(answered.replies.items())}
    workers = tuple(worker_view(worker, figures) for worker, figures in told.items())
    return Stats(
        version=__version__,
        started=instant(backstage.started_ms),
        uptime_s=max(0, call.services.clock.now_ms() - backstage.started_ms) // 1000,
        data_dir=str(backstage.config.data_dir.resolve()),
        workers=workers,
        silent=tuple(sorted(answered.silent)),
        **{name: sum(getattr(worker, name) for worker in workers) for name in _SUMMED},
    )


def worker_view(worker: int, figures: dict[str, Any]) -> WorkerView:
    """What a process has said of itself."""
    numbers = {name: value for name, value in figures.items() if name in _SUMMED}
    started = instant(figures["started_ms"])
    return WorkerView(worker=worker, pid=figures["pid"], started=started, **numbers)


@answers("GetSettings")
async def get_settings(call: AdminCall, _args: Nothing) -> Settings:
    """Return the settings that are in force."""
    config = call.backstage.config
    return Settings(settings=tuple(_setting(setting, config) for setting in SETTINGS))


def _setting(setting: Setting, config: Config) -> SettingView:
    value = getattr(config, setting.name)
    text = setting._replace(default=value).default_text
    return SettingView(
        name=setting.name,
        value=None if setting.is_secret or value is None else text,
        source=config.sources.get(setting.name, "default"),
        is_secret=setting.is_secret,
        meaning=setting.meaning,
    )


@answers("ListJobs")
async def list_jobs(call: AdminCall, _args: Nothing) -> Jobs:
    """Return the jobs of this server; they are in the process that answers."""
    return Jobs(jobs=tuple(map(job_view, call.backstage.jobs.values())))


@answers("RunJob")
async def run_job(call: AdminCall, args: OneJob) -> JobView:
    """Have the next round of a job begin."""
    rounds = call.backstage.jobs.get(args.job)
    if rounds is None:
        known = ", ".join(sorted(call.backstage.jobs))
        raise NotFound(f"There is no job {args.job}, only {known}.")
    rounds.ask()
    return job_view(rounds)


def job_view(rounds: Rounds) -> JobView:
    """How a job is."""
    progress = rounds.progress
    return JobView(
        name=rounds.name,
        state="working" if rounds.is_working else "resting",
        progress=None if progress is None else JobProgress(**progress._asdict()),
        rounds=rounds.count,
        last_began=instant(rounds.began_ms),
        last_ended=instant(rounds.ended_ms),
    )
