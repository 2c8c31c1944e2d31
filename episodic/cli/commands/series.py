"""`episodic series`: what holds for all episodes of a show."""

import os.path
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from episodic.canonical.domain import Revision, Series, Style, check_slug
from episodic.canonical.finding import find_series
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.sources import SourceType
from episodic.cli.app import OPTIONS
from episodic.cli.exits import UsageError
from episodic.cli.options import Json
from episodic.cli.output import complain, print_json, print_table, say
from episodic.cli.store import with_store

_LATEST: Final = 5  # episodes that are looked at for the labels of their speakers

app = App(name="series", group_parameters=OPTIONS)


@app.command(name="list")
def list_series(*, json: Json = False) -> None:
    """List the series."""
    found = with_store(lambda work: work.series.list())
    if json:
        print_json(found)
    else:
        print_table(("series", "title"), [(series.slug, series.title) for series in found], none="no series")


@app.command
def show(series: str, /, *, json: Json = False) -> None:
    """Show the settings of a series.

    Parameters
    ----------
    series
        Its slug.
    """
    found = with_store(lambda work: find_series(work, series))
    if json:
        print_json(found)
        return
    policy = found.policy
    say(f"{found.slug}: {found.title}")
    say(f"publisher    {found.publisher or '-'}")
    say(f"language     {found.language or '-'}")
    weights = (f"{name} {getattr(policy, name):g}" for name in ("quality", "freshness", "reliability"))
    print(f"weights      {', '.join(weights)}")
    print(f"half-life    {policy.half_life_days:g} days")
    print(f"same text    from {policy.same_text_share:.1%} of equal words")
    print(f"style        {policy.style}")
    for source_type, value in policy.reliabilities.items():
        print(f"reliability  {source_type} {value:g}")
    for wrong, right in policy.replacements.items():
        say(f"replace      {wrong} by {right}")
    for label, name in policy.speakers.items():
        say(f"speaker      {label} is {name}")
    for pattern in policy.trust:
        say(f"trust        {pattern}")
    if policy.feed:
        say(f"feed         {policy.feed}")


@app.command(name="set")
def set_series(
    series: str,
    /,
    *,
    title: str | None = None,
    publisher: str | None = None,
    language: str | None = None,
    quality: float | None = None,
    freshness: float | None = None,
    reliability: float | None = None,
    half_life_days: float | None = None,
    same_text_share: float | None = None,
    reliability_of: tuple[str, ...] = (),
    replace_words: Annotated[tuple[str, ...], Parameter(name="--replace")] = (),
    speaker: tuple[str, ...] = (),
    trust: tuple[str, ...] = (),
    distrust: tuple[str, ...] = (),
    feed: str | None = None,
    style: Style | None = None,
) -> None:
    """Make a series, or change what is given and leave the rest.

    Parameters
    ----------
    series
        Its slug.
    title
        The show's title.
    publisher
        Who publishes it.
    language
        The language of episodes whose sources name none, as a BCP 47 tag: en, en-GB; else it is detected.
    quality
        What the quality of a source counts in its weight; the three are any numbers, normalized to sum to 1.
    freshness
        What the date of a source counts in its weight.
    reliability
        What the type of a source counts in its weight.
    half_life_days
        Days after which a source counts half as fresh as the newest one.
    same_text_share
        Share of equal words (0..1) from which two transcripts are copies and vote once.
    reliability_of
        TYPE=VALUE: the reliability (0..1) of a source type; may be repeated.
    replace_words
        WRONG=RIGHT: whole words that engines always get wrong, and what the canonical transcripts have
        instead; WRONG= takes one off the list; may be repeated.
    speaker
        LABEL=NAME: whom sources mean by a label, such as "Speaker 1" or a name on a platform; LABEL= takes
        one off the list; may be repeated.
    trust
        A pattern of file names ("final*"), put on the list of sources that are right wherever they speak; may
        be repeated.
    distrust
        A pattern that is taken off that list; may be repeated.
    feed
        The file of the show's feed, of which each episode takes its item; empty for none.
    style
        Verbatim has fillers ("um") and false starts ("the the") as the sources do; clean has them in the
        apparatus alone.
    """
    check_slug("series", series)
    if language is not None:
        _check_language(language)
    changes = _given(
        quality=quality,
        freshness=freshness,
        reliability=reliability,
        half_life_days=half_life_days,
        same_text_share=same_text_share,
        style=style,
    )
    descriptions = _given(title=title, publisher=publisher, language=language)
    reliabilities = dict(_reliability(text) for text in reliability_of)
    replacements = dict(_pair("--replace", "WRONG=RIGHT", text) for text in replace_words)
    speakers = dict(_pair("--speaker", "LABEL=NAME", text) for text in speaker)

    async def change(work: UnitOfWork) -> None:
        found = await work.series.get(series) or Series(id=uuid.uuid7(), slug=series, title=series)
        trusted = dict.fromkeys((*found.policy.trust, *trust))
        policy = replace(
            found.policy,
            **changes,
            reliabilities={**found.policy.reliabilities, **reliabilities},
            replacements=_listed(found.policy.replacements, replacements),
            speakers=_listed(found.policy.speakers, speakers),
            trust=tuple(each for each in trusted if each not in distrust),
        )
        if feed is not None:
            policy = replace(policy, feed=_feed(feed))
        policy.check()
        await work.series.put(replace(found, policy=policy, **descriptions))
        await work.commit()

    with_store(change, read_only=False, about=series)
    show(series)
    if any(speakers.values()):
        _mention_unused(series, [label for label, name in speakers.items() if name])


def _given[T](**options: T | None) -> dict[str, T]:
    return {name: value for name, value in options.items() if value is not None}


def _mention_unused(series: str, labels: Sequence[str]) -> None:
    """Say which labels the latest episodes do not have, and which they have: a label is easily misspelt."""
    from episodic.canonical.tei.reader import read

    async def query(work: UnitOfWork) -> list[Revision]:
        episodes = (await work.episodes.list(series))[-_LATEST:]
        return [found for each in episodes if (found := await work.revisions.newest(each.id))]

    people = [person for kept in with_store(query) for person in read(kept.tei).canonical.people]
    called = {name.casefold(): name for person in people for _, name in person.names}
    unused = [label for label in labels if label.casefold() not in called]
    if people and unused:
        complain(
            f"no source of the latest episodes calls anybody {', '.join(unused)}; "
            f"they call them {', '.join(sorted(called.values()))}"
        )


def _listed(kept: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Add to a list what is given; what is given as nothing is taken off it."""
    return {key: value for key, value in {**kept, **given}.items() if value}


def _feed(place: str) -> str | None:
    """Give the whole path of a feed, since it is read from wherever one is; ``None``: none."""
    if not place:
        return None
    if not Path(place).is_file():
        raise UsageError(f"--feed {place} is no file; fetch the show's feed into one, and name that")
    return os.path.abspath(place)  # noqa: PTH100  # resolve() would follow links


def _check_language(tag: str) -> None:
    from episodic.canonical.tei.header import language_tag

    if language_tag(tag) != tag:
        raise UsageError(f"--language {tag} is not a BCP 47 tag; write one such as en, en-GB or zh-Hant")


def _reliability(text: str) -> tuple[SourceType, float]:
    name, _, value = text.partition("=")
    try:
        return SourceType(name), float(value)
    except ValueError:
        raise UsageError(
            f"--reliability-of {text} is not TYPE=VALUE with a TYPE of {', '.join(SourceType)} and a number"
        ) from None


def _pair(option: str, form: str, text: str) -> tuple[str, str]:
    given, equals, meant = text.partition("=")
    if not equals or not given.strip():
        raise UsageError(f"{option} {text} is not {form}")
    return given.strip(), meant.strip()
