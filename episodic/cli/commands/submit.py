"""`episodic submit`: sources in, to be ingested by whoever is free."""

import asyncio
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Final

from episodic import settings
from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.contents import pack
from episodic.canonical.domain import check_slug
from episodic.canonical.errors import EpisodicError, SourceError
from episodic.canonical.ingestion_service import IngestionOutcome
from episodic.canonical.queue import Submission, SubmittedSource
from episodic.canonical.sources import Content
from episodic.canonical.text.patterns import pattern
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, FAILED, INTERRUPTED, UsageError
from episodic.cli.ingesting.asked import Asked
from episodic.cli.ingesting.on_record import OnRecord
from episodic.cli.ingesting.queues import opened_queue, say_ended
from episodic.cli.output import complain, print_json, print_json_line, say
from episodic.cli.running import Interrupted, run

# Episodes that are kept in one transaction.
_TOGETHER: Final = 20
# W3C Trace Context, of 23 November 2021, section 3.2.
_TRACEPARENT: Final = pattern("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def submit(*sources: str, asked: Asked, priority: int = 0, json: bool = False) -> int:
    """Keep sources to be ingested, and print the id; without PostgreSQL they are ingested at once.

    Workers (see: episodic worker) on any machines that see the database ingest what was submitted to it. What
    an attempt logs, and its tasks, have the submission's id as correlation id.

    Parameters
    ----------
    sources
        Files, or folders whose files are all taken. They are read now, and not needed afterwards. - is
        standard input.
    priority
        Which is ingested first: smaller is sooner.
    json
        Print one JSON document; with --each-subfolder, one a line for each episode.
    """
    options = settings.load()
    asked.check(sources)
    if not -(2**31) < priority < 2**31:
        raise UsageError(f"--priority is {priority}; give a number of less than ten digits")
    check_slug("series", asked.series)
    if asked.episode is None:
        found = {slug: [str(folder)] for slug, folder in asked.folders(sources).items()}
    else:
        found = {check_slug("episode", asked.episode): list(sources)}
    report = _Report(json=json, many=asked.each_subfolder)
    try:
        run(_submit(asked, priority, found, options, report), slow_source=options.slow_source)
    except Interrupted:
        complain("interrupted; what was submitted is kept, and 'episodic worker' goes on with it")
        return INTERRUPTED
    return FAILED if report.failed else DONE_WITH_SKIPPED if report.skipped else DONE


@dataclass(frozen=True, slots=True)
class _Read:
    """A submission, what its sources are, and what is wrong with those that are skipped."""

    submission: Submission
    contents: Sequence[Content]
    skipped: Sequence[str]


async def _read(request: IngestionRequest, priority: int) -> _Read:
    """Read the sources of an episode now."""
    sources: list[SubmittedSource] = []
    contents: dict[str, Content] = {}
    skipped: list[str] = []
    for raw in request.sources:
        try:
            content = await asyncio.to_thread(pack, await raw.load())
        except SourceError as error:
            if request.on_source_error == "fail":
                raise
            skipped.append(str(error))
            continue
        contents[content.sha256] = content
        sources.append(
            SubmittedSource(
                uri=raw.uri, sha256=content.sha256, source_type=raw.source_type, hints=raw.metadata
            )
        )
    if not sources:
        raise SourceError(request.episode_name, "none of its sources can be read")
    submission = Submission(
        id=uuid.uuid7(),
        series_slug=request.series,
        episode_slug=request.episode,
        sources=tuple(sources),
        submitted_at=datetime.now(UTC),
        title=request.title,
        skip_bad_sources=request.on_source_error == "skip",
        strict=request.strict,
        priority=priority,
        traceparent=_traceparent(),
    )
    return _Read(submission, list(contents.values()), skipped)


@dataclass(kw_only=True)
class _Report:
    """Says what becomes of each episode."""

    json: bool
    many: bool
    failed: bool = False
    skipped: bool = False

    def submitted(self, read: _Read) -> None:
        submission, skipped = read.submission, read.skipped
        for error in skipped:
            complain(f"skipped: {error}")
        self.skipped |= bool(skipped)
        if self.json:
            print_one = print_json_line if self.many else print_json
            print_one({"submission": submission.id, "episode": submission.episode_name, "skipped": skipped})
        else:
            say(f"{submission.id}  {submission.episode_name}")

    def ended(self, submission: Submission, outcome: IngestionOutcome | None) -> None:
        """Say what came of a submission that was ingested here."""
        say_ended(submission, outcome, quiet=self.json)
        self.failed |= outcome is None
        self.skipped |= bool(outcome and outcome.skipped)

    def refused(self, slug: str, error: EpisodicError) -> None:
        """Say what is wrong with one of several episodes; the others go on."""
        if not self.many:
            raise error
        self.failed = True
        complain(f"{slug}: {error}")


async def _submit(
    asked: Asked,
    priority: int,
    found: Mapping[str, Sequence[str]],
    options: settings.Settings,
    report: _Report,
) -> None:
    from episodic.canonical.storage.store import open_store

    async with open_store(options.store_url) as store, opened_queue(options, report.ended) as queue:
        known = await OnRecord.read(store, asked.series)
        for some in batched(found.items(), _TOGETHER, strict=False):
            read: list[_Read] = []
            for slug, places in some:
                try:
                    asked_for = asked.request(slug, places, options.limits)
                    request = await known.applied(asked_for, options.limits)
                    read.append(await _read(request, priority))
                except EpisodicError as error:
                    report.refused(slug, error)
            for each in read:
                report.submitted(each)
            if read:
                contents = [content for each in read for content in each.contents]
                await queue.submit([each.submission for each in read], contents)


def _traceparent() -> str | None:
    """The span that this is part of, as whoever starts programs in one says it in the environment."""
    given = os.environ.get("TRACEPARENT", "")
    return given if _TRACEPARENT.fullmatch(given) else None
