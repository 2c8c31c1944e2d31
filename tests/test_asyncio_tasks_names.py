"""The name codec: what `python -m asyncio pstree` shows of a task."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.asyncio_tasks import TaskMetadata, parse_task_name, task_name

any_text = st.text(st.characters(), min_size=1)  # lone surrogates too: undecodable file names have them
short_text = st.text(st.characters(), min_size=1, max_size=5)


def metadata_of(operation: str, correlation: str) -> TaskMetadata:
    return {"operation_name": operation, "correlation_id": correlation}


def test_name_reads_as_operation_label_correlation_and_start() -> None:
    name = task_name(metadata_of("canonical.ingestion.normalize", "0197-7"), "395 readme.vtt")
    assert re.fullmatch(
        r"canonical\.ingestion\.normalize\[395 readme\.vtt\]#0197-7@\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
        name,
    )


def test_missing_fields_go_with_their_marks() -> None:
    assert task_name({"priority_hint": 1}).startswith("@")
    assert task_name({"operation_name": "a.b"}).startswith("a.b@")
    found = parse_task_name(task_name({}))
    assert found is not None
    assert found[:3] == (None, None, None)


def test_start_is_now_in_utc() -> None:
    found = parse_task_name(task_name({}))
    assert found is not None
    assert found.started_at.tzinfo is UTC
    assert abs(datetime.now(UTC) - found.started_at) < timedelta(seconds=10)


@given(operation=short_text, label=short_text, correlation=short_text)
def test_short_fields_are_read_back_exactly(operation: str, label: str, correlation: str) -> None:
    found = parse_task_name(task_name(metadata_of(operation, correlation), label))
    assert found is not None
    assert found[:3] == (operation, label, correlation)


@given(operation=any_text, label=any_text | st.none(), correlation=any_text)
def test_any_name_is_short_printable_ascii(operation: str, label: str | None, correlation: str) -> None:
    name = task_name(metadata_of(operation * 40, correlation * 40), label and label * 40)
    assert len(name) <= 255
    assert name.isascii()
    assert name.isprintable()
    found = parse_task_name(name)
    assert found is not None


@given(operation=any_text, correlation=any_text)
def test_field_cut_short_is_a_marked_prefix(operation: str, correlation: str) -> None:
    whole = operation * 300
    found = parse_task_name(task_name(metadata_of(whole, correlation)))
    assert found is not None
    assert found.operation_name is not None
    assert found.operation_name.endswith("…")
    assert whole.startswith(found.operation_name[:-1])


def test_long_operation_leaves_the_tail_whole() -> None:
    correlation = "01977f3e-7c1e-7d32-8a4e-6f0c5b1a2d3e"
    found = parse_task_name(task_name(metadata_of("x" * 400, correlation), "y" * 400))
    assert found is not None
    assert found.correlation_id == correlation
    assert found.label is not None
    assert len(found.label) > 60


@pytest.mark.parametrize(
    "name", ["Task-7", "", "a.b", "a.b@yesterday", "a]b@2026-01-01T00:00:00.000000Z", "@9Z"]
)
def test_other_names_are_none_of_ours(name: str) -> None:
    assert parse_task_name(name) is None


@given(st.text())
def test_parsing_never_raises(name: str) -> None:
    parse_task_name(name)
    parse_task_name(name + "@2026-01-01T00:00:00.000000Z")
    parse_task_name("%ff" + name + "@2026-01-01T00:00:00.000000Z")


PROGRAM = """
import asyncio, sys
from episodic.asyncio_tasks import create_task, run, task_name

async def main():
    metadata = {"operation_name": "canonical.ingestion.normalize", "correlation_id": "job-7"}
    never = asyncio.Event()
    task = create_task(never.wait(), name=task_name(metadata, "Größe 1.vtt"), metadata=metadata)
    await asyncio.sleep(0)
    print("ready", flush=True)
    await task

run(main())
"""


def test_pstree_of_another_process_shows_operation_and_label(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            shown = subprocess.run(
                [sys.executable, "-m", "asyncio", "pstree", str(process.pid)],
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            process.kill()
    if "ermission" in shown.stderr or "not permitted" in shown.stderr:
        pytest.skip(f"this system does not let one process inspect another: {shown.stderr.strip()}")
    assert "canonical.ingestion.normalize[Gr%C3%B6%C3%9Fe 1.vtt]#job-7@" in shown.stdout, shown.stderr
