"""When words are said, by the moments that a document knows."""

from episodic.canonical.tei.reader import Spoken
from episodic.publishing.cues import caption_cues
from episodic.publishing.rules import Rules
from episodic.publishing.word_times import TimedWord, timed_words


def test_words_between_two_moments_have_times_by_their_letters() -> None:
    spoken = Spoken("one two, three", start=0.0, end=7.0, moments=((4, 1.0), (9, 6.0)))
    assert timed_words(spoken) == [
        TimedWord("one", 0.0, 0.75),
        TimedWord("two,", 1.0, 5.0),
        TimedWord("three", 6.0, 7.0),
    ]


def test_without_a_start_or_an_end_words_have_no_times() -> None:
    assert timed_words(Spoken("one", start=1.0)) == timed_words(Spoken("one", end=1.0)) == []


def test_moments_outside_of_an_utterance_move_nothing() -> None:
    spoken = Spoken("one two", start=5.0, end=7.0, moments=((0, 1.0), (4, 900.0), (99, 6.0)))
    assert [word.start for word in timed_words(spoken)] == [5.0, 6.143]


def test_a_cue_begins_when_its_words_are_said_not_at_its_share_of_a_long_utterance() -> None:
    text = "So it was. And after a long silence they all began to laugh."
    said = Spoken(text, "Ada", 0.0, 60.0, moments=((11, 55.0),))
    cues = {cue.lines[0]: cue.start for cue in caption_cues([said], Rules(width=30))}
    assert cues["And after a long silence"] == 55_000
