"""`episodic tasks`: what a running ingest is doing, seen from outside."""

from datetime import UTC, datetime

from episodic.canonical.errors import StorageError
from episodic.canonical.heartbeat import is_gone, is_here
from episodic.canonical.ports import UnitOfWork
from episodic.cli.options import Json
from episodic.cli.output import complain, print_json, print_table, say
from episodic.cli.store import with_store
from episodic.observability.inspection import InspectionError, SeenTask, is_stopped, look, started_by, table


def tasks(pid: int | None = None, /, *, all: bool = False, json: Json = False) -> None:  # noqa: A002  # the option's name
    """Show what a running ingest is doing.

    Parameters
    ----------
    pid
        The process; without one, those of all jobs that run on this machine.
    all
        Tasks without metadata too.
    """
    try:
        pids = running_here() if pid is None else [pid]
    except StorageError as error:
        error.add_note("'episodic tasks PID' asks a process itself")
        raise
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
    # What only composes or parses has no tasks, and may be what others wait for.
    for each in sorted({pid for one in looked for pid in (one, *started_by(one))}):
        if is_stopped(each):
            complain(f"process {each} is stopped, as by Ctrl-Z; 'kill -CONT {each}' has it go on")
    if json:
        print_json([_as_json(task, now) for task in seen])
    elif not pids:
        say("no job runs on this machine, says the database; 'episodic tasks PID' asks a process itself")
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
