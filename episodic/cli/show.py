"""`episodic show`: an episode in the form that one needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from episodic.canonical.domain import Episode, IngestionJob, Revision
from episodic.canonical.ports import UnitOfWork
from episodic.cli.exits import UsageError
from episodic.cli.output import (
    clock,
    day_and_time,
    plural,
    print_bytes,
    print_json,
    print_text,
    printed_to,
    say,
)
from episodic.cli.reading import Count, find_revision, with_store
from episodic.cli.targets import refuse_target

if TYPE_CHECKING:  # lxml loads when a document is read
    from episodic.canonical.tei.reader import TeiDocument

# With the mark by which an ingest knows what Episodic wrote; text has no place for one.
_MARKED_WEBVTT = "WEBVTT\n\nNOTE Made by Episodic\n"


def show(
    episode: str,
    /,
    *,
    format: Literal["summary", "tei", "text", "vtt", "json", "html"] = "summary",  # the option's name
    witness: str | None = None,
    revision: Count | None = None,
    audio: Path | None = None,
    output: Path | None = None,
) -> None:
    """Show an episode.

    Parameters
    ----------
    episode
        series/episode.
    format
        What to print; html is the episode as a page for a browser, text and vtt are the transcript.
    witness
        The siglum of a source: its readings instead of the accepted ones.
    revision
        The number of an older revision.
    audio
        With --format html: the recording that the page plays, instead of the one that the sources name.
    output
        A file to write to, instead of printing.
    """
    if output is not None:
        refuse_target("--output", output, [] if audio is None else [str(audio)])
    from episodic.canonical.tei import render
    from episodic.canonical.tei.reader import read

    if audio is not None and format != "html":
        raise UsageError("--audio is played by a page; add --format html")

    async def query(work: UnitOfWork) -> tuple[Episode, Revision, IngestionJob | None]:
        found, kept = await find_revision(work, episode, revision)
        return found, kept, await work.jobs.get(kept.job_id)

    found, kept, job = with_store(query)
    with printed_to(output):
        if format == "tei":
            print_bytes(kept.tei)
            return
        document = read(kept.tei)
        utterances = document.utterances(witness)
        match format:
            case "text":
                print_text(render.text(utterances))
            case "vtt":
                print_text(render.webvtt(utterances).replace("WEBVTT\n", _MARKED_WEBVTT, 1))
            case "json":
                print_json(
                    {
                        "generator": "Episodic",
                        "episode": found.name,
                        "title": kept.title,
                        "revision": kept.number,
                        "created_at": kept.created_at,
                        "witnesses": document.witnesses,
                        "people": list(document.people.values()),
                        "chapters": [{"start": start, "title": title} for start, title in document.chapters],
                        "utterances": utterances,
                        "prose": [{"element": name, "text": text} for name, text in document.prose(witness)],
                    }
                )
            case "html":
                print_bytes(_page(found, kept, document, job, audio, output))
            case "summary":
                _summarize(found, kept, document)


def _page(
    found: Episode,
    kept: Revision,
    document: TeiDocument,
    job: IngestionJob | None,
    recording: Path | None,
    output: Path | None,
) -> bytes:
    from episodic.cli.page import Audio, page

    audio = Audio.file(recording, output) if recording else Audio.claimed(document.canonical.statements)
    return page(found, kept, document.canonical, job=job, audio=audio)


def _summarize(found: Episode, kept: Revision, document: TeiDocument) -> None:
    spoken = document.utterances()
    ends = [said.end for said in spoken if said.end is not None]
    words = sum(len(said.text.split()) for said in spoken)
    reach = f", to {clock(max(ends))}" if ends else ""
    say(f"{found.name}: {kept.title}")
    say(f"revision     {kept.number}, made {day_and_time(kept.created_at)}")
    say(f"people       {', '.join(document.people.values()) or '-'}")
    say(f"transcript   {plural(len(spoken), 'utterance')}, {plural(words, 'word')}{reach}")
    for number, (start, title) in enumerate(document.chapters):
        say(f"{'' if number else 'chapters':<12} {clock(start)} {title}")
    say(f"sources      {', '.join(f'{w.siglum} {w.source_type}' for w in document.witnesses)}")
    say(f"conflicts    {len(kept.decisions)} decided; see: episodic decisions {found.name}")
