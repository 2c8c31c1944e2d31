"""What one ingest and a batch of them share before there is an outcome: its task, and what is asked of it."""

import asyncio
import uuid
from collections.abc import Coroutine
from typing import Never

from episodic.asyncio_tasks import TaskMetadata, create_task, task_name
from episodic.canonical.composer import IngestionRequest
from episodic.canonical.ingestion_service import INGEST, IngestionOutcome
from episodic.canonical.ports import Store
from episodic.cli.app import suggestions
from episodic.cli.output import complain


async def mention_new_series(store: Store, slug: str) -> None:
    """Say so when a series will be made whose slug looks like a slip of the fingers."""
    async with store.begin(read_only=True) as work:
        if await work.series.get(slug) is not None:
            return
        known = [series.slug for series in await work.series.list()]
    if known and (close := suggestions(slug, known)):
        complain(f"series '{slug}' is new; did you mean {' or '.join(close)}?")


async def series_feed(store: Store, slug: str) -> str | None:
    """Give the file of the feed that a series has for all of its episodes."""
    async with store.begin(read_only=True) as work:
        series = await work.series.get(slug)
    return series and series.policy.feed


def ingestion_task(
    ingestion: Coroutine[object, Never, IngestionOutcome],
    request: IngestionRequest,
    job_id: uuid.UUID,
    index: int = 0,
) -> asyncio.Task[IngestionOutcome]:
    """Ingest in a task that observers and `episodic tasks` know by its episode and its job."""
    metadata: TaskMetadata = {
        "operation_name": INGEST,
        "correlation_id": str(job_id),
        "priority_hint": index,
    }
    name = task_name(metadata, f"{request.series}/{request.episode}")
    return create_task(ingestion, name=name, metadata=metadata)
