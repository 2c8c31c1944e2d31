"""`episodic submit`: sources in, to be ingested by whoever is free."""

import asyncio
import os
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from episodic import settings
from episodic.canonical.contents import pack
from episodic.canonical.domain import Submission, SubmittedSource, check_slug
from episodic.canonical.errors import EpisodicError, SourceError
from episodic.canonical.ingestion_service import IngestionOutcome
from episodic.canonical.limits import Limits
from episodic.canonical.sources import Content
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, FAILED, INTERRUPTED, UsageError
from episodic.cli.output import complain, print_json, say
from episodic.cli.queues import opened_queue
from episodic.cli.recorded import Recorded
from episodic.cli.running import Interrupted, run
from episodic.cli.sources import episode_folders, raw_sources
from episodic.observability.terminal import shown_json

# Episodes that are kept in one transaction.
_TOGETHER: Final = 20
# W3C Trace Context, of 23 November 2021, section 3.2.
_TRACEPARENT: Final = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def submit(
    *sources: str,
    series: str,
    episode: str | None = None,
    each_subfolder: bool = False,
    title: str | None = None,
    item: str | None = None,
    source: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    name: str | None = None,
    keep_going: bool = False,
    strict: bool = False,
    priority: Annotated[int, Parameter(negative=())] = 0,
    json: bool = False,
) -> int:
    """Keep sources to be ingested, and print the id; without PostgreSQL they are ingested at once.

    Workers (see: episodic worker) on any machines that see the database ingest what was submitted to it. What
    an attempt logs, and its tasks, have the submission's id as correlation id.

    Parameters
    ----------
    sources
        Files, or folders whose files are all taken. They are read now, and not needed afterwards. - is
        standard input.
    series
        The series' slug; a new series is made on the fly.
    episode
        The episode's slug.
    each_subfolder
        Instead of --episode: each folder in the given folders is an episode, its name the slug.
    title
        The episode's title, above what the sources say.
    item
        Which item of a feed it is, where slug and title do not tell: by GUID, number, date or title.
    source
        TYPE=PATH: a source whose type is given: transcript, brief, rss, press_release, research_notes.
    name
        What the source from standard input is called: show.vtt.
    keep_going
        Skip sources that cannot be used instead of failing.
    strict
        Fail, and store nothing, where anything of a source was left out, guessed, damaged or set apart.
    priority
        Which is ingested first: smaller is sooner.
    json
        Print one JSON document; with --each-subfolder, one a line for each episode.
    """
    options = settings.load()
    if not all(sources) or not (sources or source):
        raise UsageError("name at least one source: a file or a folder")
    if not -(2**31) < priority < 2**31:
        raise UsageError(f"--priority is {priority}; give a number of less than ten digits")
    if each_subfolder == (episode is not None):
        raise UsageError("name the episode with --episode, or give a folder of folders with --each-subfolder")
    if each_subfolder and (title is not None or item is not None or name is not None or source):
        raise UsageError(
            "--each-subfolder takes names from folders; leave out --title, --item, --name, --source"
        )
    check_slug("series", series)
    if each_subfolder:
        found = {slug: [str(folder)] for slug, folder in episode_folders(sources).items()}
    else:
        assert episode is not None
        found = {check_slug("episode", episode): list(sources)}
    asked = _Asked(
        series=series,
        title=title,
        item=item,
        typed=source,
        name=name,
        keep_going=keep_going,
        strict=strict,
        priority=priority,
        limits=options.limits,
    )
    report = _Report(json=json, many=each_subfolder)
    try:
        run(_submit(asked, found, options, report), slow_source=options.slow_source)
    except Interrupted:
        complain("interrupted; what was submitted is kept, and 'episodic worker' goes on with it")
        return INTERRUPTED
    return FAILED if report.failed else DONE_WITH_SKIPPED if report.skipped else DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked for, for every episode alike."""

    series: str
    title: str | None
    item: str | None
    typed: Sequence[str]
    name: str | None
    keep_going: bool
    strict: bool
    priority: int
    limits: Limits

    async def read(
        self, slug: str, places: Sequence[str], recorded: Recorded
    ) -> tuple[Submission, list[Content], list[str]]:
        """Read the sources of an episode now; also returns what is wrong with those that are skipped."""
        sources: list[SubmittedSource] = []
        contents: dict[str, Content] = {}
        skipped: list[str] = []
        named = raw_sources(
            places,
            self.typed,
            episode=slug,
            title=self.title,
            item=self.item,
            name=self.name,
            limits=self.limits,
        )
        for raw in await recorded.without(list(named)):
            try:
                content = await asyncio.to_thread(pack, await raw.load())
            except SourceError as error:
                if not self.keep_going:
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
            raise SourceError(f"{self.series}/{slug}", "none of its sources can be read")
        submission = Submission(
            id=uuid.uuid7(),
            series_slug=self.series,
            episode_slug=slug,
            sources=tuple(sources),
            submitted_at=datetime.now(UTC),
            title=self.title,
            skip_bad_sources=self.keep_going,
            strict=self.strict,
            priority=self.priority,
            traceparent=_traceparent(),
        )
        return submission, list(contents.values()), skipped


@dataclass(kw_only=True)
class _Report:
    """Says what becomes of each episode."""

    json: bool
    many: bool
    failed: bool = False
    skipped: bool = False

    def submitted(self, submission: Submission, skipped: Sequence[str]) -> None:
        for error in skipped:
            complain(f"skipped: {error}")
        self.skipped |= bool(skipped)
        if self.json:
            self._print({"submission": submission.id, "episode": submission.episode_name, "skipped": skipped})
        else:
            say(f"{submission.id}  {submission.episode_name}")

    def ended(self, submission: Submission, outcome: IngestionOutcome | None) -> None:
        """Say what came of a submission that was ingested here."""
        if outcome is None:
            self.failed = True
            complain(f"{submission.episode_name}: {submission.error}")
        elif not self.json:
            state = "new" if outcome.created else "nothing new: these sources made it before"
            say(f"{outcome.episode.name}: revision {outcome.revision.number} ({state})")
        if outcome and outcome.skipped:
            self.skipped = True
            for error in outcome.skipped:
                complain(f"skipped: {error}")

    def refused(self, slug: str, error: EpisodicError) -> None:
        """Say what is wrong with one of several episodes; the others go on."""
        if not self.many:
            raise error
        self.failed = True
        complain(f"{slug}: {error}")

    def _print(self, value: object) -> None:
        if self.many:
            print(shown_json(msgspec.json.encode(value).decode()), flush=True)
        else:
            print_json(value)


async def _submit(
    asked: _Asked, found: Mapping[str, Sequence[str]], options: settings.Settings, report: _Report
) -> None:
    from episodic.canonical.storage.store import open_store

    async with open_store(options.store_url) as store:
        recorded = await Recorded.read(store)
    async with opened_queue(options, report.ended) as queue:
        for some in batched(found.items(), _TOGETHER, strict=False):
            read: list[tuple[Submission, list[Content], list[str]]] = []
            for slug, places in some:
                try:
                    read.append(await asked.read(slug, places, recorded))
                except EpisodicError as error:
                    report.refused(slug, error)
            if not read:
                continue
            for submission, _, skipped in read:
                report.submitted(submission, skipped)
            contents = [content for _, some, _ in read for content in some]
            await queue.submit([submission for submission, _, _ in read], contents)


def _traceparent() -> str | None:
    """The span that this is part of, as whoever starts programs in one says it in the environment."""
    given = os.environ.get("TRACEPARENT", "")
    return given if _TRACEPARENT.fullmatch(given) else None
