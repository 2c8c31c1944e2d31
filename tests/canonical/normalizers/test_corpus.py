"""Real sources that no one here wrote."""

from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.sources import ClaimField, NormalizedSource, SourceType


async def read(path: Path, **metadata: str) -> NormalizedSource:
    return await SourceNormalizer().normalize(path_source(path, metadata=metadata))


@pytest.mark.parametrize(
    ("name", "format", "utterances"),
    [
        ("talk-python/395-readme-tools.vtt", "webvtt", 1216),
        ("talk-python/395-readme-tools.youtube.vtt", "webvtt", 1856),
        ("talk-python/395-readme-tools.txt", "timed-text", 1186),
        ("podcast-namespace/transcript-example.srt", "subrip", 222),
        ("podcast-namespace/transcript-example.vtt", "webvtt", 7),
        ("changelog/the-changelog-466.md", "markdown", 67),
    ],
)
async def test_a_transcript_is_read_as_what_it_is(
    corpus: Path, name: str, format: str, utterances: int
) -> None:
    source = await read(corpus / name)
    assert (source.format, source.source_type, len(source.utterances)) == (
        format,
        SourceType.TRANSCRIPT,
        utterances,
    )


async def test_speakers_in_bold_speak_all_the_text(corpus: Path) -> None:
    source = await read(corpus / "changelog" / "the-changelog-466.md")
    assert {utterance.speaker for utterance in source.utterances} == {"$STDOUT", "Jerod Santo"}
    assert source.utterances[1].start == 121


@pytest.mark.parametrize("slug", ["2", "ep0002", "the-present", "episode-2-the-present"])
async def test_the_episodes_slug_chooses_the_item(corpus: Path, slug: str) -> None:
    source = await read(corpus / "podcast-namespace" / "example.xml", episode=slug)
    claims = {claim.field: claim.value for claim in source.claims}
    assert claims[ClaimField.TITLE] == "Episode 2 - The Present"
    assert claims[ClaimField.SERIES] == "Podcasting 2.0 Namespace Example"


async def test_without_a_hint_the_candidates_are_listed(corpus: Path) -> None:
    with pytest.raises(SourceError, match=r"'Episode 3 - The Future' \(number 3, 2020-10-09\); 'Episode 2"):
        await read(corpus / "podcast-namespace" / "example.xml")


@pytest.mark.parametrize(
    ("name", "format", "opening"),
    [
        (
            "documents/test.docx",
            "docx",
            "AutoGen: Enabling Next-Gen LLM Applications via Multi-Agent Conversation",
        ),
        ("documents/test.pdf", "pdf", "1 Introduction"),
        (
            "documents/test_blog.html",
            "html",
            "Does Model and Inference Parameter Matter in LLM Applications?",
        ),
    ],
)
async def test_a_document_is_prose_that_begins_with_its_heading(
    corpus: Path, name: str, format: str, opening: str
) -> None:
    source = await read(corpus / name)
    assert source.format == format
    assert source.passages[0].text.startswith(opening)
    assert len(source.passages) >= 5


async def test_an_item_of_a_long_feed_is_chosen_by_its_date(corpus: Path) -> None:
    source = await read(corpus / "documents" / "test_rss.xml", date="2024-11-19")
    assert "Ignite 2024" in source.claims[1].value
    assert len(source.passages) > 20


async def test_random_bytes_are_refused(corpus: Path) -> None:
    with pytest.raises(SourceError, match="is binary data in no known format"):
        await read(corpus / "documents" / "random.bin")


async def test_every_other_file_is_read_or_refused_with_a_reason(corpus: Path) -> None:
    paths = [path for path in sorted(corpus.rglob("*")) if path.is_file()]
    refused: set[str] = set()
    for path in paths:
        try:
            await read(path, number="1", episode="1")
        except SourceError:
            refused.add(path.name)
    assert refused == {
        "random.bin",
        "empty.rss",
        "external.xml",
        "quadratic.xml",
        "xmlbomb.xml",
        "test_rss.xml",  # has no item of this number
        # What podcastparser makes of feeds is JSON of its own.
        *(path.name for path in (corpus / "feeds").glob("*.json")),
    }
