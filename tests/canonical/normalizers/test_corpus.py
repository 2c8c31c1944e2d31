"""Real sources that no one here wrote."""

from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import ClaimField, NormalizedSource, SourceType
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.normalizers.registry import SourceNormalizer


async def read(path: Path, **metadata: str) -> NormalizedSource:
    return await SourceNormalizer().normalize(path_source(path, metadata=metadata))


@pytest.mark.parametrize(
    ("name", "format", "utterances"),
    [
        ("talk-python/395-readme-tools.vtt", "webvtt", 1216),
        ("talk-python/395-readme-tools.youtube.vtt", "webvtt", 1855),
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
