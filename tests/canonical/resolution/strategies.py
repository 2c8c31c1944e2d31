"""Random witnesses: related, unrelated, empty, tiny, timed or not, with and without speakers."""

from itertools import pairwise

from hypothesis import strategies as st

from episodic.canonical.sources import Utterance, WeightedSource
from tests.canonical.making import transcript

WORDS = ("one", "two", "two,", "Two", "three", "well-known", "—", "日本", "♪", "\x00", "isn't")


def words(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(WORDS), max_size=count)


@st.composite
def edited(draw: st.DrawFn, original: list[str]) -> list[str]:
    """Take a text with words left out, added and replaced, and perhaps only a part of it."""
    text = list(original)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 3))] = draw(words(2))
    if draw(st.booleans()):
        return text
    cut = draw(st.integers(0, len(text)))
    return text[cut:] if draw(st.booleans()) else text[:cut]


@st.composite
def utterances(draw: st.DrawFn, text: list[str]) -> list[Utterance]:
    made: list[Utterance] = []
    time: float | None = draw(st.sampled_from([None, 0.0, 3.5]))
    while text:
        size = draw(st.integers(0, 9))
        own, text = text[:size], text[size:] if size else text[1:]
        start, time = time, None if time is None else round(time + draw(st.sampled_from([0.0, 0.25, 7.1])), 3)
        speaker = draw(st.sampled_from([None, "Ada", "Charles", "Ada Lovelace"]))
        turn = speaker is None and draw(st.booleans())
        made.append(Utterance(" ".join(own), f"cue {len(made) + 1}", speaker, start, time, turn=turn))
    return made


@st.composite
def divided(draw: st.DrawFn, spoken: list[Utterance]) -> list[list[Utterance]]:
    """Take utterances apart, as tracks or as parts, some of them empty."""
    files = draw(st.integers(1, 3))
    if draw(st.booleans()):
        return [spoken[number::files] for number in range(files)]
    cuts = sorted(draw(st.lists(st.integers(0, len(spoken)), min_size=files - 1, max_size=files - 1)))
    return [spoken[first:after] for first, after in pairwise([0, *cuts, len(spoken)])]


@st.composite
def transcripts(
    draw: st.DrawFn, largest: int = 5, *, distinct_weights: bool = False, divide: bool = False
) -> list[WeightedSource]:
    """Up to so many transcripts; most are edits of one text, which is sometimes long.

    With `divide` each may be in several files: a track a speaker, or one part after another.
    """
    original = draw(words(25)) * draw(st.sampled_from([1, 1, 4]))
    count = draw(st.integers(1, largest))
    weights = draw(st.lists(st.integers(0, 1000), min_size=count, max_size=count, unique=distinct_weights))
    made: list[WeightedSource] = []
    for number, weight in enumerate(weights):
        text = draw(st.one_of(edited(original), edited(original), words(60)))
        files = draw(divided(draw(utterances(text)))) if divide else [draw(utterances(text))]
        for part, spoken in enumerate(files, 1):
            made.append(transcript(weight, *spoken, uri=f"{number}/part{part}.vtt"))
    return made
