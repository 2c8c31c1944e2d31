"""Times from whoever has them: tests of one clock for all, with and without outliers, cuts and drift."""

from collections.abc import Sequence

import pytest
from hypothesis import given

from episodic.canonical.document import CanonicalUtterance, PassageVariation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import Utterance, WeightedSource, Word
from tests.canonical.making import transcript
from tests.canonical.resolution.strategies import transcripts

WORDS = [f"w{number}" for number in range(400)]


def merged(*sources: tuple[int, Sequence[Utterance | str]]) -> Resolution:
    made = [transcript(weight, *said, uri=f"{n}.vtt") for n, (weight, said) in enumerate(sources)]
    return resolve(made, SeriesPolicy())


def utterances(resolution: Resolution) -> list[CanonicalUtterance]:
    found: list[CanonicalUtterance] = []
    for part in resolution.document.transcript:
        found += part.lemma.utterances if isinstance(part, PassageVariation) else [part]
    return found


def notes(resolution: Resolution) -> list[str]:
    every = (note for witness in resolution.witnesses for note in witness.notes)
    return [note for note in every if note.startswith("clock: ")]


def cued(words: Sequence[str], start: float = 0.0, size: int = 10) -> list[Utterance]:
    """Say a word a second, in cues of so many."""
    return [
        Utterance(
            " ".join(words[at : at + size]), "cue", None, start + at, start + min(at + size, len(words))
        )
        for at in range(0, len(words), size)
    ]


def worded(words: Sequence[str], times: Sequence[float]) -> Utterance:
    timed = tuple(Word(word, time, time + 0.5) for word, time in zip(words, times, strict=True))
    return Utterance(" ".join(words), "segment", None, times[0], times[-1] + 0.5, words=timed)


def test_a_text_without_times_has_those_of_captions_in_the_same_words() -> None:
    said = ["We began with a question.", "Nobody knew.", "Then we built a tower."]
    captions = [
        Utterance("we began with a question", "cue 1", None, 0.5, 2.9),
        Utterance("nobody knew then we built a tower", "cue 2", None, 3.4, 9.4),
    ]
    first, second, third = utterances(merged((800, said), (500, captions)))
    assert (first.start, first.end) == (0.5, 2.9)
    assert second.start == 3.4
    assert second.end == third.start == pytest.approx(5.5, abs=0.3)
    assert third.end == 9.4


def test_without_any_times_there_are_none() -> None:
    resolution = merged((800, ["We began.", "Nobody knew."]), (500, ["we began", "nobody knew"]))
    assert {(u.start, u.end, u.moments) for u in utterances(resolution)} == {(None, None, ())}
    assert not notes(resolution)


def test_what_is_said_before_our_clock_begins_has_no_time() -> None:
    advert = [f"a{number}" for number in range(30)]
    said = utterances(merged((800, cued(WORDS)), (500, cued([*advert, *WORDS]))))
    assert " ".join(str(u.text[0]).strip() for u in said) == " ".join([*advert, *WORDS])
    early = [u for u in said if str(u.text[0]).startswith("a")]
    assert {(u.start, u.moments) for u in early} == {(None, ())}
    assert [u.start for u in said[len(early) :]] == list(range(0, len(WORDS), 10))


def test_words_of_an_engine_time_the_words_of_a_paragraph() -> None:
    words = WORDS[:30]
    times = [float(at) if at < 12 else at + 40.0 for at in range(30)]
    (paragraph,) = utterances(merged((800, [" ".join(words)]), (500, [worded(words, times)])))
    assert (paragraph.start, paragraph.end) == (0.0, 69.5)
    place = len(" ".join(words[:12])) + 1
    assert (place, 52.0) in paragraph.moments  # the word after the pause
    assert len(paragraph.moments) < 12  # and not every word


def test_words_of_an_utterance_have_their_own_times_not_a_share_of_its_length() -> None:
    words = WORDS[:12]
    times = [0.0, 1.0, 2.0, *(20.0 + at for at in range(9))]
    (utterance,) = utterances(merged((800, [worded(words, times)])))
    assert (9, 20.0) in utterance.moments


def test_a_time_far_from_all_others_moves_nothing() -> None:
    captions = cued(WORDS[:100])
    captions[4] = captions[4]._replace(start=900.0, end=910.0)
    (paragraph,) = utterances(merged((800, [" ".join(WORDS[:100])]), (500, captions)))
    assert (paragraph.start, paragraph.end) == (0.0, 100.0)
    assert all(0 < time < 100 for _, time in paragraph.moments)


def test_another_clock_is_set_by_the_words_that_both_have() -> None:
    late = cued(WORDS[:300], start=12.5)
    resolution = merged((800, cued(WORDS[:200])), (500, late))
    passage = next(p for p in resolution.document.transcript if isinstance(p, PassageVariation))
    longest = max((passage.lemma, *passage.others), key=lambda reading: len(reading.utterances))
    assert longest.utterances
    assert "clock: 12.5 s ahead of s1's" in notes(resolution)


def test_the_clock_is_that_of_the_heavier_recording_where_it_has_more_of_the_text() -> None:
    turns = [u._replace(speaker=("Ada", "Bab")[n % 2]) for n, u in enumerate(cued(WORDS[100:]))]
    without_opening = [u._replace(start=u.start and u.start - 50, end=u.end and u.end - 50) for u in turns]
    for weights, start in (((800, 500), 30.0), ((500, 800), None)):
        made = merged((weights[0], cued(WORDS, start=30.0)), (weights[1], without_opening))
        spoken = utterances(made)
        assert start is None or spoken[0].start == start
        times = [u.start for u in spoken if u.start is not None]
        assert times == sorted(times)


def test_clocks_that_nobody_can_tell_apart_are_one() -> None:
    text, later = [" ".join(WORDS)], cued(WORDS, start=0.2)
    (paragraph,) = utterances(merged((900, text), (500, cued(WORDS)), (400, later)))
    assert paragraph.start == 0.1  # in the middle, and not where the heavier has it


def test_uneven_speech_in_cues_is_no_jump_of_a_clock() -> None:
    times = [at - at % 10 + (at % 10) ** 3 / 75 for at in range(len(WORDS))]
    resolution = merged((800, cued(WORDS)), (500, [worded(WORDS, times)]))
    assert "clock: goes with s1's" in notes(resolution)


def test_a_text_takes_times_on_one_clock_though_two_differ() -> None:
    early, late = cued(WORDS[:200]), cued(WORDS, start=30.0)
    text = [" ".join(WORDS[at : at + 50]) for at in range(0, 400, 50)]
    made = utterances(merged((900, text), (500, early), (400, late)))
    first = made[0].start or 0.0
    assert [u.start for u in made] == [pytest.approx(at + first, abs=0.6) for at in range(0, 400, 50)]


def test_notes_say_drift_and_jumps() -> None:
    def slowly(at: float) -> float:
        return at * 1.002

    drifting = [u._replace(start=slowly(u.start or 0), end=slowly(u.end or 0)) for u in cued(WORDS)]
    assert "0.20% fast" in notes(merged((800, cued(WORDS)), (500, drifting)))[1]
    cut = [*cued(WORDS[:200]), *cued(WORDS[200:], start=260.0)]
    assert "jumps by -60.0 s near 0:03:" in notes(merged((800, cued(WORDS)), (500, cut)))[1]


def test_notes_say_who_gives_no_times() -> None:
    resolution = merged((800, [" ".join(WORDS[:100])]), (500, cued(WORDS[:100])))
    assert notes(resolution) == [
        "clock: gives no times; those of its words are on s2's",
        "clock: the times of the transcript are on this one",
    ]


def test_a_clock_with_nothing_in_common_gives_no_times() -> None:
    resolution = merged(
        (800, ["one two three", "four five"]), (500, [Utterance("six", "cue", None, 5.0, 6.0)])
    )
    assert all(u.start is None or u.start == 5.0 for u in utterances(resolution))


@given(transcripts())
def test_times_never_go_back_and_moments_stand_between_words(sources: list[WeightedSource]) -> None:
    for utterance in utterances(resolve(sources, SeriesPolicy())):
        text = "".join(p if isinstance(p, str) else p.lemma.text for p in utterance.text)
        places = [place for place, _ in utterance.moments]
        times = [time for _, time in utterance.moments]
        assert places == sorted(set(places))
        assert times == sorted(times)
        assert all(0 < place < len(text) for place in places)
        if utterance.start is not None and utterance.end is not None:
            assert utterance.start <= utterance.end
            assert all(utterance.start < time < utterance.end for time in times)
