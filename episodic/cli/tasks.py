"""`episodic tasks`: what a running ingest is doing, seen from outside."""

import asyncio.tools
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

from episodic.asyncio_tasks import TaskName, parse_task_name
from episodic.canonical.errors import EpisodicError
from episodic.cli.output import print_json, print_table


class InspectionError(EpisodicError):
    """A process cannot be looked into."""


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A task of another process: its name, what that says, and the innermost line that it waits at."""

    name: str
    says: TaskName | None
    where: str


# What remote inspection returns; it has no types of its own.


class _Frame(Protocol):
    filename: str
    lineno: int
    funcname: str


class _Stack(Protocol):
    call_stack: Sequence[_Frame]


class _TaskInfo(Protocol):
    task_name: str
    coroutine_stack: Sequence[_Stack]


class _Thread(Protocol):
    awaited_by: Sequence[_TaskInfo]


def tasks(pid: int, *, all: bool = False, json: bool = False) -> None:  # noqa: A002  # the option's name
    """Show what a running ingest is doing.

    Parameters
    ----------
    pid
        The process, as `episodic jobs` shows it.
    all
        Tasks without metadata too.
    json
        Print one JSON document.
    """
    now = datetime.now(UTC)
    seen = [task for task in look(pid) if all or task.says]
    if json:
        print_json([_as_json(task, now) for task in seen])
        return
    if not seen:
        print(f"process {pid} has no task of Episodic at the moment")
        return
    print_table(
        ("age", "operation", "label", "job", "waits at"),
        [
            (
                f"{(now - task.says.started_at).total_seconds():.1f} s",
                task.says.operation_name or "",
                task.says.label or "",
                task.says.correlation_id or "",
                task.where,
            )
            if task.says
            else ("", task.name, "", "", task.where)
            for task in seen
        ],
        right=("age",),
    )


def look(pid: int) -> list[SeenTask]:
    """The tasks of a process, the oldest first; raises `InspectionError`."""
    if pid == os.getpid():
        raise InspectionError(f"process {pid} is this very command; name the ingest's")
    try:
        threads = cast("Sequence[_Thread]", asyncio.tools.get_all_awaited_by(pid))
    except PermissionError:
        raise InspectionError(
            f"the kernel forbids looking into process {pid}; be its user and allow ptrace "
            "(sysctl kernel.yama.ptrace_scope=0, or the container's SYS_PTRACE), or send it "
            f"SIGUSR1 (kill -USR1 {pid}) to have it print the same"
        ) from None
    except (OSError, RuntimeError) as error:
        raise InspectionError(_why_not(pid, error)) from error
    seen = [
        SeenTask(task.task_name, parse_task_name(task.task_name), _innermost(task))
        for thread in threads
        for task in thread.awaited_by
    ]
    return sorted(
        seen, key=lambda task: (task.says is None, task.says.started_at if task.says else None, task.name)
    )


def _innermost(task: _TaskInfo) -> str:
    frames = [frame for stack in task.coroutine_stack for frame in stack.call_stack]
    if not frames:
        return ""
    # The deepest frame of our own tells more than the lock or future inside asyncio that it waits for.
    ours = next((frame for frame in frames if "asyncio" not in Path(frame.filename).parts), frames[0])
    return f"{ours.funcname} {Path(ours.filename).name}:{ours.lineno}"


def _why_not(pid: int, error: BaseException) -> str:
    if not Path(f"/proc/{pid}").exists() and Path("/proc").exists():
        return f"there is no process {pid}; `episodic jobs` shows those of running jobs"
    while error.__context__ is not None:
        error = error.__context__
    version = ".".join(map(str, sys.version_info[:2]))
    return f"process {pid} is no Python {version} program that can be looked into ({error})"


def _as_json(task: SeenTask, now: datetime) -> dict[str, object]:
    says = task.says
    return {
        "name": task.name,
        "operation_name": says.operation_name if says else None,
        "label": says.label if says else None,
        "correlation_id": says.correlation_id if says else None,
        "age_seconds": round((now - says.started_at).total_seconds(), 3) if says else None,
        "waits_at": task.where,
    }
