"""What kind of conflict it is, and which an editor would mend first.

1. *spelling*: the readings differ in case, marks or spaces only ("health care", "healthcare").
2. *format*: they come to the same words in normal form ("21%", "twenty one percent"; "we'll", "we will").
3. *filler*: one only lacks what nobody misses ("um", "you know", "so", a word said twice).
4. Else it is what the words are in which they differ: *number*, *negation*, *name*, or *words*.

Of two conflicts, the one comes first that is more often a mistake, and matters more where it is one: how
close the vote was times what the kind is worth. Readings that say the same in other notations are on one
side. Conflicts of the first three kinds, those that a trusted source decided, and those of mere words that a
text won which a person seems to have edited, against one other, are hardly worth a look;
those that nobody can decide, such as that one witness copies another, are not open at all.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.document import Variation
from episodic.canonical.resolution.transcripts.language_tables import of as language_of
from episodic.canonical.resolution.transcripts.normal import words_of
from episodic.canonical.resolved import Decision, Ground
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import key
from episodic.canonical.text.wordlists import word_list


class Kind(enum.StrEnum):
    """What kind of conflict it is, the one that is worth most first."""

    NUMBER = "number"
    NAME = "name"
    NEGATION = "negation"
    WORDS = "words"
    FILLER = "filler"
    FORMAT = "format"
    SPELLING = "spelling"


# What a mistake of a kind is worth beside one of words, in thousandths.
_WORTH: Final = {
    Kind.NUMBER: 1200,
    Kind.NAME: 1200,
    Kind.NEGATION: 1200,
    Kind.WORDS: 1000,
    Kind.FILLER: 60,
    Kind.FORMAT: 20,
    Kind.SPELLING: 10,
}
# What to look at even where a person wrote it down.
_FACTS: Final = frozenset({Kind.NUMBER, Kind.NAME, Kind.NEGATION})
# However little weight is for what was chosen, in thousandths of which is against it.
_CLOSEST: Final = 2500
# From so much on, closeness times worth, a conflict is worth a look.
_LOOK: Final = 600
_DOTTED: Final = pattern(r"(?<![\d.])([1-9]\d{0,2})[.\N{FULLWIDTH FULL STOP}](\d{3})(?![\d.])")
_NEGATIONS: Final = word_list(
    """
    not no never none neither nor cannot without nicht kein keine keinen nie niemals ohne pas jamais sans
    nunca sin não non mai niet geen не нет ни никогда nie nigdy bez ne nikdy nem soha inte aldrig ikke aldri
    ei ingen değil yok hiç لا لم لن ليس לא אין नहीं 不 没 沒 未
    """
)
_SAID_BESIDE: Final = word_list(
    """
    yeah yes okay ok so well like you know i mean right and just oh now then but also really actually that
    the a ja halt
    """
)


def kind_of(variation: Variation, language: str | None = None) -> Kind:
    """Say what kind of conflict it is.

    Parameters
    ----------
    language
        Of the words, as a BCP 47 tag.
    """
    texts = [variation.lemma.text, *(rival.text for rival in variation.rivals)]
    if len({key(text) for text in texts}) == 1:
        return Kind.SPELLING
    said = [words_of(text, language) for text in texts]
    fillers = language_of(language)[1].fillers
    if all(words == said[0] for words in said):
        filled = any(key(word) in fillers for text in texts for word in text.split())
        return Kind.FILLER if filled or not all(map(key, texts)) else Kind.FORMAT
    kinds = [
        _between(said[0], words, texts[0], text) for words, text in zip(said[1:], texts[1:], strict=True)
    ]
    return min(kinds, key=list(Kind).index)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a conflict is to an editor.

    Parameters
    ----------
    worth
        Of the editor's time, in thousandths: how close it was times its kind.
    is_worth_a_look
        Whether an editor who has little time should look at it.
    """

    kind: Kind
    worth: int
    is_worth_a_look: bool


def judge(decision: Decision, language: str | None = None) -> Judgement:
    """Judge a conflict; it takes a while, so that of thousands each is judged once."""
    kind = kind_of(decision.variation, language)
    worth = _closeness(decision.variation, language) * _WORTH[kind] // 1000
    return Judgement(kind, worth, _is_worth_a_look(decision, kind, worth))


def is_open(decision: Decision) -> bool:
    """Whether an editor can decide a conflict, and nobody has."""
    about_a_source = decision.kind == "speaker" or decision.address.startswith("witness ")
    return decision.variation.verdict is None and not about_a_source


def count_looks(decisions: Iterable[Decision], language: str | None = None) -> int:
    """Count the conflicts that are worth a look: the number that users are told."""
    return sum(judge(decision, language).is_worth_a_look for decision in decisions)


def _closeness(variation: Variation, language: str | None) -> int:
    said: dict[tuple[str, ...], int] = {}
    lemma = variation.lemma
    for reading in variation.readings:
        if reading.cause is None:
            words = words_of(reading.text, language)
            # A copy has no vote: where it is not as its original, somebody corrected one of them.
            copied = len(lemma.sigla) == 1 and reading.sigla and reading.weight == 0
            said[words] = said.get(words, 0) + (lemma.weight if copied else reading.weight)
    own = said.pop(words_of(variation.lemma.text, language))
    return min(_CLOSEST, 1000 * max(said.values(), default=0) // (own or 1))


def _is_worth_a_look(decision: Decision, kind: Kind, worth: int) -> bool:
    if not is_open(decision) or decision.ground is Ground.TRUST:
        return False
    if decision.kind != "transcript":
        return True
    against = [siglum for rival in decision.variation.rivals for siglum in rival.sigla]
    if decision.ground is Ground.HAND and len(against) == 1 and kind not in _FACTS:
        return False
    return worth >= _LOOK


def _between(one: Sequence[str], other: Sequence[str], one_text: str, other_text: str) -> Kind:
    """Say what kind of words two readings differ in."""
    # "1.500" beside "1500" is a thousand more than one, whatever the language.
    if _DOTTED.sub(r"\1\2", "".join(one)) == _DOTTED.sub(r"\1\2", "".join(other)):
        return Kind.FORMAT
    left, right = Counter(one), Counter(other)
    more, fewer = left - right, right - left
    differing = {*more, *fewer}
    if any(any(char.isdigit() for char in word) for word in differing):
        return Kind.NUMBER
    if differing & _NEGATIONS:
        return Kind.NEGATION
    if not (more and fewer) and differing <= (_SAID_BESIDE | (set(one) & set(other))):
        return Kind.FILLER
    for text in (one_text, other_text):
        for number, word in enumerate(text.split()):
            if number and key(word) in differing and word[:1].isupper() and len(word) > 2:
                return Kind.NAME
    return Kind.WORDS
