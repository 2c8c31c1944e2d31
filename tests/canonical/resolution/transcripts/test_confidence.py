from episodic.canonical.resolution.transcripts.alignment import Interner
from episodic.canonical.resolution.transcripts.confidence import factors
from episodic.canonical.resolution.transcripts.normal import normalize
from episodic.canonical.sources import Utterance, Word
from episodic.canonical.text.tokens import tokenize


def factors_of(*spoken: Utterance) -> list[int] | None:
    tokens = tokenize(u.text for u in spoken)
    interner = Interner()
    return factors(spoken, tokens, normalize(tokens, interner.intern(tokens.keys), interner, "en"))


def test_confidence_multiplies_the_vote_relative_to_the_witnesses_own_mean() -> None:
    words = (Word("It", confidence=0.9), Word(" works", confidence=0.3), Word(".", confidence=0.9))
    assert factors_of(Utterance("It works.", "segment 1", words=words)) == [1500, 500]


def test_words_of_later_utterances_have_their_own_confidence() -> None:
    sure = Utterance("It works.", "1", words=(Word("It", confidence=0.9), Word(" works.", confidence=0.9)))
    unsure = Utterance("Not so.", "2", words=(Word("Not", confidence=0.3), Word(" so.", confidence=0.3)))
    assert factors_of(sure, unsure) == [1500, 1500, 500, 500]


def test_without_words_the_confidence_of_the_utterance_counts() -> None:
    spoken = (
        Utterance("Yes.", "1", confidence=0.8),
        Utterance("No.", "2", confidence=0.4),
        Utterance("Perhaps.", "3"),
    )
    assert factors_of(*spoken) == [1333, 666, 1000]


def test_words_that_do_not_spell_the_text_are_not_used() -> None:
    other = Utterance("No.", "2", confidence=0.4)
    wrong = Utterance("Yes.", "1", confidence=0.8, words=(Word("Yet", confidence=0.1),))
    assert factors_of(wrong, other) == [1333, 666]


def test_a_witness_that_says_nothing_of_confidence_votes_alike_everywhere() -> None:
    assert factors_of(Utterance("Yes.", "1")) is None
