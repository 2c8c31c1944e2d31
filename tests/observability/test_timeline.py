"""The timeline file, as its viewers read it."""

import asyncio
import itertools
import json
import resource
from pathlib import Path
from typing import Any

import pytest

from episodic.asyncio_tasks import TaskMetadata, create_task, install_task_factory
from episodic.observability.timeline import TimelineWriter

METADATA: TaskMetadata = {"operation_name": "normalize", "correlation_id": "job-7", "priority_hint": 2}


def tasks(path: Path) -> list[dict[str, Any]]:
    """Return the complete events of a file, in order of time."""
    events = json.loads(path.read_text(encoding="utf-8"))
    return sorted((event for event in events if event["ph"] == "X"), key=lambda event: event["ts"])


async def test_event_has_times_in_microseconds_and_the_metadata(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    with TimelineWriter(path) as writer, install_task_factory(asyncio.get_running_loop(), writer):
        await create_task(asyncio.sleep(0.02), name="mine", metadata=METADATA)
    [event] = tasks(path)
    assert 20_000 <= event["dur"] < 2_000_000
    assert event["ts"] >= 0
    assert event["name"] == "normalize"
    assert event["args"] == {**METADATA, "task_name": "mine", "outcome": "returned"}
    assert {"pid", "tid", "cat"} <= event.keys()


async def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    with TimelineWriter(tmp_path / "timeline.json"):
        (draft,) = tmp_path.iterdir()
        assert draft.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "timeline.json").stat().st_mode & 0o777 == 0o600


async def test_concurrent_tasks_have_lanes_of_their_own_and_later_ones_use_them_again(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    with TimelineWriter(path) as writer, install_task_factory(asyncio.get_running_loop(), writer):
        for _ in range(2):
            await asyncio.gather(*(create_task(asyncio.sleep(0.001), metadata=METADATA) for _ in range(3)))
            await asyncio.sleep(0)
    assert sorted(event["tid"] for event in tasks(path)) == [1, 1, 2, 2, 3, 3]


async def test_events_of_a_lane_do_not_overlap(tmp_path: Path) -> None:
    async def nest(depth: int) -> None:
        if depth:
            await asyncio.gather(
                *(create_task(nest(depth - 1), metadata=METADATA, eager_start=bool(i % 2)) for i in range(3))
            )
        await asyncio.sleep(0)

    path = tmp_path / "timeline.json"
    with TimelineWriter(path) as writer, install_task_factory(asyncio.get_running_loop(), writer):
        await create_task(nest(3), metadata=METADATA)
        await asyncio.sleep(0)
    events = tasks(path)
    assert len(events) == 40
    for lane in {event["tid"] for event in events}:
        own = [event for event in events if event["tid"] == lane]
        assert all(a["ts"] + a["dur"] <= b["ts"] for a, b in itertools.pairwise(own))


async def test_two_writers_on_one_loop_both_see_all(tmp_path: Path) -> None:
    paths = tmp_path / "one.json", tmp_path / "two.json"
    loop = asyncio.get_running_loop()
    with (
        TimelineWriter(paths[0]) as one,
        TimelineWriter(paths[1]) as two,
        install_task_factory(loop, one, two),
    ):
        await asyncio.gather(*(create_task(asyncio.sleep(0), metadata=METADATA) for _ in range(2)))
    assert [event["args"]["outcome"] for path in paths for event in tasks(path)] == ["returned"] * 4


async def test_failure_says_why(tmp_path: Path) -> None:
    async def fail() -> None:
        raise LookupError("nichts „da“")

    path = tmp_path / "timeline.json"
    with TimelineWriter(path) as writer, install_task_factory(asyncio.get_running_loop(), writer):
        await asyncio.wait([task := create_task(fail(), metadata=METADATA)])
        assert task.exception() is not None
    [event] = tasks(path)
    assert (event["args"]["outcome"], event["args"]["error"]) == ("raised", "LookupError: nichts „da“")


async def test_task_that_outlives_the_writer_is_shown_as_running(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    writer = TimelineWriter(path)
    with install_task_factory(asyncio.get_running_loop(), writer):
        with writer:
            task = create_task(asyncio.sleep(0.001), metadata=METADATA)
            await asyncio.sleep(0)
        await task
    [event] = tasks(path)
    assert event["args"]["outcome"] == "running"


async def test_task_that_outlives_the_factory_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    with TimelineWriter(path) as writer:
        with install_task_factory(asyncio.get_running_loop(), writer):
            task = create_task(asyncio.sleep(0.001), metadata=METADATA)
        await task
    [event] = tasks(path)
    assert event["args"]["outcome"] == "lost"


async def test_file_of_a_run_that_died_misses_nothing_but_its_end(tmp_path: Path) -> None:
    path = tmp_path / "timeline.json"
    with TimelineWriter(path) as writer, install_task_factory(asyncio.get_running_loop(), writer):
        for _ in range(3):
            await create_task(asyncio.sleep(0), metadata=METADATA)
            await asyncio.sleep(0)
        (draft,) = tmp_path.iterdir()  # all that there is after a kill
        left = draft.read_text(encoding="utf-8")
    assert path.is_file()
    assert len([event for event in json.loads(left + "]") if event["ph"] == "X"]) == 3


async def test_a_full_disk_ends_the_timeline_and_not_the_run(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        TimelineWriter(Path("/dev/full")) as writer,
        install_task_factory(asyncio.get_running_loop(), writer),
    ):
        await create_task(asyncio.sleep(0), metadata=METADATA)
        await asyncio.sleep(0)
    assert caplog.messages == ["the timeline /dev/full ends early: No space left on device"]
    assert capfd.readouterr() == ("", "")


async def test_an_event_that_was_written_in_part_is_the_last(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "timeline.json"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with TimelineWriter(path) as writer, install_task_factory(asyncio.get_running_loop(), writer):
        (draft,) = tmp_path.iterdir()
        resource.setrlimit(resource.RLIMIT_FSIZE, (draft.stat().st_size + 20, limits[1]))
        try:
            await create_task(asyncio.sleep(0), metadata=METADATA)
            await asyncio.sleep(0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        await create_task(asyncio.sleep(0), metadata=METADATA)
        await asyncio.sleep(0)
    assert caplog.messages == [f"the timeline {path} ends early: File too large"]
    assert len(json.loads(path.read_text(encoding="utf-8").rpartition(",\n")[0] + "]")) == 1
