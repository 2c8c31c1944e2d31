"""What is published is read by others as it was said, and by ourselves."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pysubs2
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.normalizers.detection import is_own
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.normalizers.front_matter import read_with_front_matter
from episodic.canonical.normalizers.registry import find_format
from episodic.canonical.sources import SourceType, Utterance
from episodic.canonical.tei.reader import Spoken
from episodic.publishing.formats import ExportFormat
from episodic.publishing.provenance import Provenance
from episodic.publishing.rendering import render
from episodic.publishing.rules import SUBRIP_WIDTH, Rules

PROVENANCE = Provenance("lantern-hour/first-light", 3, "First: “Light”", "en")
CHAPTERS = [(0.0, "The tower"), (62.5, "The lens")]
TALK = [
    Spoken("Is it <safe> & sound?", "Ada & Co", 0.0, 2.5),
    Spoken("I think so.", "Ada & Co", 2.5, 4.0),
    Spoken("Yes, *quite* [laughs].", "Charles", 3700.25, 3702.0),
]
WORDS = st.sampled_from(
    ["so", "the", "lamp,", "burns.", "196", "steps;", "lens", "—", "isn't", "Fresnel's", "évêque", "light."]
)


def published(format: ExportFormat, talk: Sequence[Spoken] = TALK, *, as_spoken: bool = False) -> str:
    rules = Rules(width=SUBRIP_WIDTH if format is ExportFormat.SRT else Rules().width)
    return render(format, talk, CHAPTERS, PROVENANCE, None if as_spoken else rules).content.decode()


def read_back(text: str, format: str) -> Structure:
    document = Document("own", text.encode(), SourceType.TRANSCRIPT, {"format": format})
    return read_with_front_matter(find_format(document), document)


@st.composite
def conversations(draw: st.DrawFn) -> list[Spoken]:
    """People who come again after others; in fewer turns a name may be taken for words."""
    found: list[Spoken] = []
    clock = draw(st.integers(0, 4000))
    for number in range(draw(st.integers(6, 14))):
        text = " ".join(["So", *draw(st.lists(WORDS, max_size=40))])
        start, clock = clock, clock + draw(st.integers(1, 30))
        found.append(Spoken(text, ("Ada Lovelace", "Charles")[number % 2], float(start), float(clock)))
    return found


def words_said(utterances: Sequence[Utterance | Spoken]) -> list[tuple[str, str | None]]:
    return [(word, said.speaker) for said in utterances for word in said.text.split()]


@given(conversations(), st.booleans())
def test_captions_are_read_back_to_the_same_words_and_speakers(talk: list[Spoken], as_spoken: bool) -> None:
    for format, name in (
        (ExportFormat.VTT, "webvtt"),
        (ExportFormat.SRT, "subrip"),
        (ExportFormat.PODCAST_JSON, "podcast-json"),
    ):
        back = read_back(published(format, talk, as_spoken=as_spoken), name)
        assert words_said(back.utterances) == words_said(talk), format
        if as_spoken and format is not ExportFormat.PODCAST_JSON:
            assert [(u.start, u.end) for u in back.utterances] == [(u.start, u.end) for u in talk]


@given(conversations())
def test_captions_keep_the_rules_of_those_who_take_them(talk: list[Spoken]) -> None:
    """Apple (podcasters.apple.com/support/5316) and the podcast namespace (its transcripts.md).

    WebVTT says who speaks in every cue, in lines of at most 65 characters; SubRip has at most two lines of
    32, and names who speaks where that changes.
    """
    captions = webvtt.from_string(published(ExportFormat.VTT, talk)).captions
    assert all(cue.voice for cue in captions)
    assert all(len(line) <= 65 for cue in captions for line in cue.text.splitlines())
    subrip = pysubs2.SSAFile.from_string(published(ExportFormat.SRT, talk), format_="srt").events
    assert all(len(line) <= 32 for cue in subrip for line in cue.plaintext.splitlines())
    assert all(len(cue.plaintext.splitlines()) <= 2 for cue in subrip)
    assert sum(": " in cue.plaintext for cue in subrip) == len(talk)
    assert all(cue.start < cue.end for cue in subrip)
    assert all(cue.end <= after.start for cue, after in pairwise(subrip))
    # Times of one length are ordered as texts, too.
    assert all(cue.start < cue.end for cue in captions)
    assert all(cue.end <= after.start for cue, after in pairwise(captions))


@given(conversations())
def test_texts_are_read_back_to_the_same_words_and_speakers(talk: list[Spoken]) -> None:
    for format in (ExportFormat.MARKDOWN, ExportFormat.PODCAST_HTML):
        back = read_back(published(format, talk), str(format))
        assert words_said(back.utterances) == words_said(talk), format
        assert [u.start for u in back.utterances] == [u.start for u in talk]


def test_webvtt_is_what_other_readers_read() -> None:
    text = published(ExportFormat.VTT, as_spoken=True)
    assert text.startswith("WEBVTT\n\nNOTE Episodic lantern-hour/first-light revision 3\n\n00:00:00.000 --> ")
    cues = webvtt.from_string(text).captions
    assert [(cue.start, cue.end, cue.voice) for cue in cues] == [
        ("00:00:00.000", "00:00:02.500", "Ada &amp; Co"),
        ("00:00:02.500", "00:00:04.000", "Ada &amp; Co"),
        ("01:01:40.250", "01:01:42.000", "Charles"),
    ]
    assert [event.start for event in pysubs2.SSAFile.from_string(text)] == [0, 2500, 3700250]


def test_subrip_is_what_other_readers_read() -> None:
    text = published(ExportFormat.SRT)
    assert text.startswith("1\n00:00:00,000 --> 00:00:04,000\nAda & Co: ")
    events = pysubs2.SSAFile.from_string(text, format_="srt")
    assert [(event.start, event.end) for event in events] == [(0, 4000), (3700250, 3702000)]
    assert events[1].plaintext == "Charles: Yes, *quite* [laughs]."
    assert len(webvtt.from_buffer(io.StringIO(text), format="srt").captions) == 2


def test_podcast_json_has_what_the_namespace_asks_for() -> None:
    found = json.loads(published(ExportFormat.PODCAST_JSON, as_spoken=True))
    assert found["version"] == "1.0.0"
    assert found["segments"][2] == {
        "speaker": "Charles",
        "startTime": 3700.25,
        "endTime": 3702.0,
        "body": "Yes, *quite* [laughs].",
    }


def test_podcast_html_has_a_cite_a_time_and_a_paragraph_in_turn() -> None:
    lines = published(ExportFormat.PODCAST_HTML).splitlines()
    assert lines[-5:-2] == [
        "<cite>Charles:</cite>",
        "<time>1:01:40</time>",
        "<p>Yes, *quite* [laughs].</p>",
    ]
    assert "<p>Is it &lt;safe&gt; &amp; sound?</p>" in lines


def test_chapters_are_those_of_the_podcast_namespace() -> None:
    found = json.loads(published(ExportFormat.CHAPTERS))
    assert (found["version"], found["title"]) == ("1.2.0", "First: “Light”")
    assert found["chapters"][1] == {"startTime": 62.5, "title": "The lens"}
    claims = read_back(published(ExportFormat.CHAPTERS), "chapters-json").claims
    assert [claim.value for claim in claims if claim.field == "chapter"] == ["The tower", "The lens"]


def test_markdown_has_chapters_names_and_times_and_escapes_what_would_be_markup() -> None:
    assert published(ExportFormat.MARKDOWN) == (
        '---\ngenerator: Episodic lantern-hour/first-light revision 3\ntitle: "First: “Light”"\n---\n\n'
        "# First: “Light”\n\n## The tower\n\n[0:00:00] **Ada & Co:** Is it \\<safe> & sound?\n\n"
        "[0:00:02] I think so.\n\n## The lens\n\n[1:01:40] **Charles:** Yes, \\*quite\\* \\[laughs].\n"
    )


def test_text_names_a_speaker_where_the_speaker_changes() -> None:
    assert published(ExportFormat.TEXT, [*TALK[:2], Spoken("Very.", turn=True)]) == (
        "Ada & Co: Is it <safe> & sound?\nI think so.\n- Very.\n"
    )


def test_what_bears_a_mark_is_known_again() -> None:
    for format in (
        *(ExportFormat.MARKDOWN, ExportFormat.VTT, ExportFormat.PODCAST_JSON),
        *(ExportFormat.PODCAST_HTML, ExportFormat.CHAPTERS),
    ):
        assert is_own(published(format).encode()), format


@pytest.mark.parametrize("format", ["summary", "html", "tei", "json"])
def test_what_is_made_of_more_than_the_transcript_is_not_rendered_of_it(format: str) -> None:
    with pytest.raises(ValueError, match=f"{format} is not made of the transcript alone"):
        published(ExportFormat(format))


def test_a_name_does_not_make_a_foreign_file_ours() -> None:
    captions = "WEBVTT\n\nNOTE Episode 12\n\n00:01.000 --> 00:02.000\nHm.\n"
    assert not is_own(captions.encode())
    assert find_format(Document("a.vtt", captions.encode(), None)).name == "webvtt"


def test_what_is_said_before_the_clock_begins_is_in_no_captions_and_counted() -> None:
    advert = Spoken("Sleep better tonight, with free returns. Terms apply.", None)
    made = render(ExportFormat.VTT, [advert, *TALK], [], PROVENANCE, Rules())
    assert (made.left_out, "Sleep" in made.content.decode()) == (1, False)
    late = [replace(each, start=(each.start or 0) + 60, end=(each.end or 0) + 60) for each in TALK]
    made = render(ExportFormat.VTT, [advert, *late], [], PROVENANCE, Rules())
    assert (made.left_out, "Sleep" in made.content.decode()) == (0, True)
