"""What other libraries make of the same files, where they know the same things."""

# webvtt-py ships no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import re
from pathlib import Path
from typing import Any

import pysubs2
import pytest
import webvtt

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.sources import ClaimField, NormalizedSource

CHANGE = re.compile(r"^(?:-\s|>>)\s*(?:(?:Luis|Tom): )?")
LABEL = re.compile(r"^(?:Travis|Sarah|Gilon|Alban):\s+")
FEEDS = [
    "atom_published_updated",
    "duration",
    "episode_podcast_person",
    "episode_podcast_transcript",
    "html_in_description",
    "itunes_no_xmlns",
]


async def read(path: Path) -> NormalizedSource:
    return await SourceNormalizer().normalize(path_source(path))


def cues(source: NormalizedSource) -> list[tuple[float | None, float | None, str]]:
    return [(u.start, u.end, u.text) for u in source.utterances]


@pytest.mark.parametrize(
    "name",
    [
        "talk-python/200-excel-hell.vtt",
        "talk-python/395-readme-tools.vtt",
        # Differs in dashes, chevrons and the names after them: they say who speaks, and are no words.
        # One cue has chevrons within its line, and is two utterances.
        "talk-python/395-readme-tools.youtube.vtt",
        # webvtt-py leaves character references as they are; the specification decodes them (6.4).
        "podcast-namespace/transcript-example.vtt",
    ],
)
async def test_cues_are_those_of_webvtt_py(corpus: Path, name: str) -> None:
    expected = [
        (
            cue.start_in_seconds + cue.start_time.milliseconds / 1000,
            cue.end_in_seconds + cue.end_time.milliseconds / 1000,
            CHANGE.sub("", " ".join(cue.text.split())).replace("&amp;", "&"),
        )
        for cue in webvtt.read(str(corpus / name))
    ]
    expected = [(start, end, part) for start, end, text in expected for part in text.split(" >> ")]
    found = cues(await read(corpus / name))
    assert [text for *_, text in found] == [text for *_, text in expected]
    assert [pytest.approx(times) for *times, _ in expected] == [times for *times, _ in found]


@pytest.mark.parametrize(
    "name",
    [
        "talk-python/200-excel-hell.vtt",
        "talk-python/395-readme-tools.vtt",
        # Differs in the names in front of the words: they say who speaks.
        "podcast-namespace/transcript-example.srt",
    ],
)
async def test_cues_are_those_of_pysubs2(corpus: Path, name: str) -> None:
    expected = [
        (event.start / 1000, event.end / 1000, LABEL.sub("", " ".join(event.plaintext.split())))
        for event in pysubs2.load(str(corpus / name))
    ]
    assert cues(await read(corpus / name)) == expected


@pytest.mark.parametrize("name", FEEDS)
async def test_feeds_say_what_podcastparser_says(corpus: Path, name: str) -> None:
    expected: dict[str, Any] = json.loads((corpus / "feeds" / f"{name}.json").read_text())
    (episode,) = expected["episodes"]
    source = await read(corpus / "feeds" / f"{name}.rss")
    claims: dict[ClaimField, list[str]] = {}
    for claim in source.claims:
        claims.setdefault(claim.field, []).append(claim.value)

    assert claims[ClaimField.TITLE] == [episode["title"]]
    # Without a title podcastparser makes one of the file's name, and a GUID of the enclosure's or the file's.
    if expected["title"] != name:
        assert claims[ClaimField.SERIES] == [expected["title"]]
    if guid := claims.get(ClaimField.GUID):
        assert guid[0] == episode["guid"].removeprefix("file://tests/data/")
    if seconds := episode["total_time"]:
        assert claims[ClaimField.DURATION] == [str(seconds)]
    if published := episode["published"]:
        assert source.dated is not None
        assert source.dated.timestamp() == published
    if episode["link"].startswith("http"):
        assert episode["link"] in claims[ClaimField.LINK]
    assert claims.get(ClaimField.MEDIA, []) == [enclosure["url"] for enclosure in episode["enclosures"]]
    # Authors are no persons to podcastparser.
    people = [(c.value, c.qualifier) for c in source.claims if "podcast:person" in c.where]
    assert people == [(person["name"], person["role"]) for person in episode.get("persons", [])]
    if url := episode.get("transcript_url"):
        assert claims[ClaimField.TRANSCRIPT] == [url]
    if episode["description"]:
        assert claims[ClaimField.SUMMARY] == [episode["description"]]


async def test_an_empty_feed_has_no_episode(corpus: Path) -> None:
    assert json.loads((corpus / "feeds" / "empty.json").read_text())["episodes"] == []
    with pytest.raises(SourceError, match="is a feed without items"):
        await read(corpus / "feeds" / "empty.rss")
