"""`episodic tasks`: what a running ingest is doing, seen from outside."""

from collections.abc import Sequence
from datetime import UTC, datetime

from episodic.canonical.heartbeat import is_gone, is_here
from episodic.canonical.ports import UnitOfWork
from episodic.cli.options import Json
from episodic.cli.output import complain, print_json, print_table, say
from episodic.cli.reading import with_store
from episodic.observability.inspection import InspectionError, SeenTask, look


def tasks(pid: int | None = None, /, *, all: bool = False, json: Json = False) -> None:  # noqa: A002  # the option's name
    """Show what a running ingest is doing.

    Parameters
    ----------
    pid
        The process; without one, those of all jobs that run on this machine.
    all
        Tasks without metadata too.
    """
    pids = running_here() if pid is None else [pid]
    seen: list[SeenTask] = []
    looked: list[int] = []
    for each in pids:
        try:
            seen += [task for task in look(each) if all or task.says]
        except InspectionError as error:
            if each == pids[-1] and not looked:
                raise
            complain(str(error))  # it may have ended meanwhile, or be another user's
        else:
            looked.append(each)
    now = datetime.now(UTC)  # after looking: a task may have begun meanwhile
    if json:
        print_json([_as_json(task, now) for task in seen])
    elif not pids:
        say("no job runs on this machine")
    elif not seen:
        say(f"process {', '.join(map(str, looked))} has no task of Episodic at the moment")
    else:
        print_table(*table(seen, now), right=("age",))


def running_here() -> list[int]:
    """Processes of this machine that run jobs."""

    async def query(work: UnitOfWork) -> set[int]:
        now = await work.jobs.now()
        return {job.pid for job in await work.jobs.running() if is_here(job) and not is_gone(job, now)}

    return sorted(with_store(query))


def table(seen: Sequence[SeenTask], now: datetime) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows; the process is a column where there are several."""
    columns = ("age", "operation", "source or episode", "job", "is at", "process")
    rows = [(*_described(task, now), task.where, str(task.pid)) for task in seen]
    if len({task.pid for task in seen}) > 1:
        return columns, rows
    return columns[:-1], [row[:-1] for row in rows]


def _described(task: SeenTask, now: datetime) -> tuple[str, ...]:
    if (says := task.says) is None:
        return "", task.name, "", ""
    age = f"{(now - says.started_at).total_seconds():.1f} s"
    return age, says.operation_name or "", says.label or "", says.correlation_id or ""


def _as_json(task: SeenTask, now: datetime) -> dict[str, object]:
    says = task.says
    return {
        "name": task.name,
        "operation_name": says.operation_name if says else None,
        "label": says.label if says else None,
        "correlation_id": says.correlation_id if says else None,
        "age_seconds": round((now - says.started_at).total_seconds(), 3) if says else None,
        "waits_at": task.where,
        "pid": task.pid,
    }
