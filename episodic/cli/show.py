"""`episodic show`: an episode in the form that one needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from episodic import settings
from episodic.canonical.domain import Episode, IngestionJob, Revision
from episodic.canonical.ports import UnitOfWork
from episodic.cli.exits import UsageError
from episodic.cli.output import (
    clock,
    complain,
    day_and_time,
    plural,
    print_bytes,
    print_json,
    printed_to,
    say,
)
from episodic.cli.reading import Count, find_revision, with_store
from episodic.cli.targets import refuse_target

if TYPE_CHECKING:  # lxml loads when a document is read
    from episodic.canonical.tei.reader import Spoken, TeiDocument

type ShownFormat = Literal[
    "summary",
    "text",
    "markdown",
    "vtt",
    "srt",
    "podcast-json",
    "podcast-html",
    "chapters",
    "html",
    "tei",
    "json",
]
# What the ending of a file asks for; the longest counts.
ENDINGS: Final[dict[str, ShownFormat]] = {
    ".txt": "text",
    ".md": "markdown",
    ".vtt": "vtt",
    ".srt": "srt",
    ".podcast.json": "podcast-json",
    ".podcast.html": "podcast-html",
    ".chapters.json": "chapters",
    ".html": "html",
    ".xml": "tei",
    ".json": "json",
}


def show(
    episode: str,
    /,
    *,
    format: ShownFormat | None = None,  # the option's name
    witness: str | None = None,
    cues: Literal["to-read", "as-spoken"] = "to-read",
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
        What to print; without it, what the ending of --output asks for (.vtt, .srt, .txt, .md, .html, .xml,
        .json, .podcast.json, .podcast.html, .chapters.json), or a summary. html is a page for a browser.
    witness
        The siglum of a source: its readings instead of the accepted ones.
    cues
        With captions: of a size to read (to-read), or one for each utterance (as-spoken).
    revision
        The number of an older revision.
    audio
        With --format html: the recording that the page plays, instead of the one that the sources name.
    output
        A file to write to, instead of printing.
    """
    if output is not None:
        refuse_target("--output", output, [] if audio is None else [str(audio)])
    wanted = format or _by_ending(output)
    if audio is not None and wanted != "html":
        raise UsageError("--audio is played by a page; add --format html")
    options = settings.load()
    from episodic.canonical.tei.reader import read

    async def query(work: UnitOfWork) -> tuple[Episode, Revision, IngestionJob | None]:
        found, kept = await find_revision(work, episode, revision)
        return found, kept, await work.jobs.get(kept.job_id)

    found, kept, job = with_store(query)
    with printed_to(output):
        match wanted:
            case "tei":
                print_bytes(kept.tei)
            case "json":
                print_json(_everything(found, kept, read(kept.tei), witness))
            case "html":
                print_bytes(_page(found, kept, read(kept.tei), job, audio, output))
            case "summary":
                _summarize(found, kept, read(kept.tei))
            case _:
                print_bytes(_published(wanted, found, kept, witness, cues, options))


def _by_ending(output: Path | None) -> ShownFormat:
    """The format that a file's name asks for."""
    if output is None:
        return "summary"
    endings = sorted(ENDINGS, key=len, reverse=True)
    name = output.name.lower()
    found = next((ending for ending in endings if name.endswith(ending)), None)
    if found is None:
        raise UsageError(
            f"what is to be in {output}? Say it with --format, or end it in {', '.join(ENDINGS)}"
        )
    return ENDINGS[found]


def _published(
    wanted: str, found: Episode, kept: Revision, witness: str | None, cues: str, options: settings.Settings
) -> bytes:
    from episodic.canonical.tei.reader import read
    from episodic.publishing.formats import Published, render
    from episodic.publishing.provenance import Provenance

    document = read(kept.tei)
    width = options.subrip_width if wanted == Published.SUBRIP else options.webvtt_width
    rendered = render(
        Published(wanted),
        document.utterances(witness),
        document.chapters,
        Provenance(found.name, kept.number, kept.title, document.canonical.language),
        options.cue_rules(width) if cues == "to-read" else None,
    )
    if rendered.hasty:
        rate = f"{options.cue_speed:g} characters a second"
        complain(f"{plural(rendered.hasty, 'cue')} of {found.name} faster than {rate}: people speak so fast")
    return rendered.content


def _everything(
    found: Episode, kept: Revision, document: TeiDocument, witness: str | None
) -> dict[str, object]:
    return {
        "generator": "Episodic",
        "episode": found.name,
        "title": kept.title,
        "revision": kept.number,
        "created_at": kept.created_at,
        "witnesses": document.witnesses,
        "people": list(document.people.values()),
        "chapters": [{"start": start, "title": title} for start, title in document.chapters],
        "utterances": [_spoken(each) for each in document.utterances(witness)],
        "prose": [{"element": name, "text": text} for name, text in document.prose(witness)],
    }


def _spoken(utterance: Spoken) -> dict[str, object]:
    """An utterance with the words that have times, which say more than its moments."""
    from episodic.publishing.words import timed_words

    told = {name: getattr(utterance, name) for name in ("text", "speaker", "start", "end", "where", "turn")}
    return {**told, "words": [word._asdict() for word in timed_words(utterance)]}


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
