"""What holds for every source."""

import asyncio
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.sources import NormalizedSource, RawSource, SourceType
from tests.canonical.normalizers.fuzz import FORMAT_NAMES, check, sources

# Words of speech: no markup, and none that begin a line as a label, a mark, a time or a number would.
WORDS = st.lists(
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzäéßøλж'"), min_size=1, max_size=8).filter(
        lambda word: word.strip("'") != ""
    ),
    min_size=1,
    max_size=8,
).map(" ".join)
NAMES = st.sampled_from(["Ada Lovelace", "Bob", "Charles"])
SPEECH = st.lists(st.tuples(NAMES, WORDS), min_size=1, max_size=6)
NORMALIZER = SourceNormalizer()


def normalize(text: str, name: str = "source", source_type: SourceType | None = None) -> NormalizedSource:
    async def load() -> bytes:
        return text.encode()

    return asyncio.run(NORMALIZER.normalize(RawSource(name, load, source_type)))


def stamp(seconds: int, mark: str) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}000"


def as_webvtt(speech: list[tuple[str, str]]) -> str:
    return "WEBVTT\n\n" + "".join(
        f"{stamp(n, '.')} --> {stamp(n + 1, '.')}\n<v {name}>{words}</v>\n\n"
        for n, (name, words) in enumerate(speech)
    )


def as_subrip(speech: list[tuple[str, str]]) -> str:
    return "".join(
        f"{n + 1}\n{stamp(n, ',')} --> {stamp(n + 1, ',')}\n{name}: {words}\n\n"
        for n, (name, words) in enumerate(speech)
    )


def as_timed_text(speech: list[tuple[str, str]]) -> str:
    return "".join(f"{stamp(n, '.')[:8]} {name}: {words}\n" for n, (name, words) in enumerate(speech))


def as_plain_text(speech: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"{name}: {words}" for name, words in speech)


def as_markdown(speech: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"**{name}:** {words}" for name, words in speech)


def as_markdown_lines(speech: list[tuple[str, str]]) -> str:
    return "\n".join(f"**{name}** (0:{n:02}): {words}" for n, (name, words) in enumerate(speech))


def as_podcast_json(speech: list[tuple[str, str]]) -> str:
    segments = [
        {"speaker": name, "startTime": n, "endTime": n + 1, "body": words}
        for n, (name, words) in enumerate(speech)
    ]
    return json.dumps({"version": "1.0.0", "segments": segments})


def as_whisper_json(speech: list[tuple[str, str]]) -> str:
    segments = [
        {"start": n, "end": n + 1, "text": f" {words}", "speaker": name, "avg_logprob": -0.1}
        for n, (name, words) in enumerate(speech)
    ]
    return json.dumps({"segments": segments, "language": "en"})


def as_podcast_html(speech: list[tuple[str, str]]) -> str:
    return "".join(
        f"<cite>{name}:</cite>\n<time>0:{n:02}</time>\n<p>{words}</p>\n"
        for n, (name, words) in enumerate(speech)
    )


def as_podcast_html_without_paragraphs(speech: list[tuple[str, str]]) -> str:
    return "".join(
        f"<cite>{name}</cite><time>0:{n:02}</time>{words}\n" for n, (name, words) in enumerate(speech)
    )


@pytest.mark.parametrize(
    "write",
    [
        as_webvtt,
        as_subrip,
        as_timed_text,
        as_plain_text,
        as_markdown,
        as_markdown_lines,
        as_podcast_json,
        as_whisper_json,
        as_podcast_html,
        as_podcast_html_without_paragraphs,
    ],
)
@settings(max_examples=60, deadline=None)
@given(speech=SPEECH)
def test_words_and_speakers_come_out_as_they_went_in(write: object, speech: list[tuple[str, str]]) -> None:
    assert callable(write)
    source = normalize(str(write(speech)))
    out = [(u.speaker, word) for u in source.utterances for word in u.text.split()]
    assert out == [(name, word) for name, words in speech for word in words.split()]


@pytest.mark.parametrize("mark", ["- ", ">> ", "&gt;&gt; ", "\u2013 ", "<i></i>- "])
@settings(max_examples=40, deadline=None)
@given(speech=st.lists(st.tuples(st.booleans(), WORDS), min_size=1, max_size=6))
@example(speech=[(number in {1, 3}, "a") for number in range(6)])
def test_changes_of_speaker_come_out_as_they_went_in(mark: str, speech: list[tuple[bool, str]]) -> None:
    """Marks are no words, and none is lost, also where its words come with the next cue."""
    text = "WEBVTT\n\n"
    for number, (changed, words) in enumerate(speech):
        between = "\n\n00:00:09.000 --> 00:00:09.500\n" if number % 2 else ""
        text += f"{stamp(number, '.')} --> {stamp(number + 1, '.')}\n"
        text += f"{mark if changed else ''}{between}{words}\n\n"
    source = normalize(text, source_type=SourceType.TRANSCRIPT)
    assert [(u.turn, u.text) for u in source.utterances] == speech


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(WORDS, min_size=3, max_size=12, unique=True))
@example(lines=["a", "b", "aa", "aaa"])
def test_rolled_up_lines_are_said_once(lines: list[str]) -> None:
    """Each cue shows the line before and then the new one, as YouTube's automatic captions do."""
    text = "WEBVTT\n\n"
    for number, (above, line) in enumerate(zip(["", *lines], lines, strict=False)):
        text += f"{stamp(number, '.')} --> {stamp(number + 1, '.')}\n{above or ' '}\n{line}\n\n"
    said = [word for u in normalize(text).utterances for word in u.text.split()]
    assert said == [word for line in lines for word in line.split()]


@pytest.mark.parametrize("format", FORMAT_NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_bytes_as_any_format_end_in_a_result_or_a_typed_error(format: str, data: st.DataObject) -> None:
    check(data.draw(sources(format)), format)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_in_a_format_that_is_found_out_end_in_a_result_or_a_typed_error(data: bytes) -> None:
    check(data, None)
