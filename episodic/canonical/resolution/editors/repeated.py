"""What editors decide again and again, and a series could replace by itself.

1. A decision replaces words by words: what it shares with what stood there, at either end, is no part of that
   ("the kobold," by "the COBOL," is "kobold" by "COBOL").
2. What was decided so in three places, or in two episodes, is suggested, in the spelling that most have.
3. Not so where an editor has let the same words stand, or replaced them by others; where the sense of the
   place decides (numbers, negations); where they are so short that they are words of their own elsewhere; and
   not what the series replaces already.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.document import Difference, Reading, Variation
from episodic.canonical.domain import EditorialDecision, SeriesPolicy
from episodic.canonical.editing.addresses import beside_of
from episodic.canonical.resolution.editors.phrases import Phrases
from episodic.canonical.resolution.kinds import Kind, kind_of
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import key, keys_of, tokenize

_PLACES: Final = 3
_EPISODES: Final = 2
_EDGES: Final = pattern(r"^[^\w+#$€£&@%]+|[^\w+#$€£&@%]+$")  # marks at the ends; C++ and C# keep theirs
_SHORTEST: Final = 4  # letters
_CAPITALS: Final = 2  # from so many on it is a name, such as CEO; one may only begin a sentence
_SHORTEST_CASELESS: Final = 2  # in scripts in which two signs may be a name
_BETWEEN: Final = "\n"  # the texts of two decisions, which share no words
_SENSE: Final = frozenset((Kind.NUMBER, Kind.NEGATION, Kind.FILLER))

type _Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """Words that editors replaced by the same words.

    Parameters
    ----------
    places, episodes
        In how many they did.
    """

    wrong: str
    right: str
    places: int
    episodes: int


@dataclass(frozen=True, slots=True)
class _Replaced:
    """What one decision replaced."""

    wrong: str
    right: str
    episode: uuid.UUID

    @property
    def keys(self) -> tuple[_Keys, _Keys]:
        return keys_of(self.wrong), keys_of(self.right)


def repeated(
    decisions: Sequence[EditorialDecision],
    about: Iterable[EditorialDecision],
    policy: SeriesPolicy,
    language: str | None = None,
) -> tuple[Replacement, ...]:
    """Find what a series could replace from now on.

    Parameters
    ----------
    decisions
        Those that stand in all episodes of the series.
    about
        Of which decisions to tell: the words of others were told of when they were decided.
    policy
        What is replaced already.
    language
        Of the words, as a BCP 47 tag.
    """
    own = {keys for keys, _ in (each.keys for each in _replaced(about))}
    known = {keys_of(wrong) for wrong in policy.replacements}
    found: dict[_Keys, list[_Replaced]] = {}
    for each in _replaced(decisions):
        found.setdefault(each.keys[0], []).append(each)
    stands = Phrases(
        [
            own
            for decision in decisions
            if decision.kind == "transcript"
            for own in (*tokenize([decision.text]).keys, _BETWEEN)
        ]
    )

    def suggestions() -> Iterator[Replacement]:
        for wrong, places in sorted(found.items()):
            episodes = len({each.episode for each in places})
            if wrong not in own or wrong in known or not (len(places) >= _PLACES or episodes >= _EPISODES):
                continue
            one = Replacement(
                _most(each.wrong for each in places),
                _most(each.right for each in places),
                len(places),
                episodes,
            )
            rivals = {each.keys[1] for each in places}
            is_spelling = wrong in rivals
            let_stand = not is_spelling and any(stands.matching(one.wrong))
            if len(rivals) == 1 and not let_stand and _is_always_wrong(one, language):
                yield one

    return tuple(suggestions())


def _is_always_wrong(one: Replacement, language: str | None) -> bool:
    """Whether words can be wrong wherever they stand, for all that they themselves say."""
    capitals = sum(map(str.isupper, one.right))
    if keys_of(one.wrong) == keys_of(one.right) and capitals < _CAPITALS:
        return False
    letters = sum(map(str.isalpha, one.wrong))
    shortest = _SHORTEST if one.wrong.lower() != one.wrong.upper() else _SHORTEST_CASELESS
    if letters < shortest and capitals < _CAPITALS:
        return False
    readings = (Reading(one.right, (), 0), Reading(one.wrong, (), 0))
    variation = Variation(readings[0], readings[1:], Difference.SUBSTANTIVE)
    return "=" not in one.wrong and kind_of(variation, language) not in _SENSE


def _replaced(decisions: Iterable[EditorialDecision]) -> Iterator[_Replaced]:
    for decision in decisions:
        if decision.kind != "transcript" or not decision.stands or beside_of(decision.address):
            continue
        was, now = (list(tokenize([text]).forms) for text in (_stood(decision), decision.text))
        wrong, right = _differing(was, now, key)
        if not (wrong or right):
            wrong, right = _differing(was, now, _bare)
        if _bare(wrong) and _bare(right):
            yield _Replaced(_bare(wrong), _bare(right), decision.episode_id)


def _stood(decision: EditorialDecision) -> str:
    """Give the words of the sources that stood at a place, and not those of an earlier decision there."""
    readings = (reading.text for reading in decision.readings if reading.sigla)
    return next(readings, decision.address.partition("/")[2])


def _differing(was: Sequence[str], now: Sequence[str], same: Callable[[str], str]) -> tuple[str, str]:
    """Leave off what two texts have in common at their ends."""
    left = [(form, own) for form in was if (own := same(form))]
    right = [(form, own) for form in now if (own := same(form))]
    while left and right and left[0][1] == right[0][1]:
        left, right = left[1:], right[1:]
    while left and right and left[-1][1] == right[-1][1]:
        left, right = left[:-1], right[:-1]
    return "".join(form for form, _ in left), "".join(form for form, _ in right)


def _bare(text: str) -> str:
    return _EDGES.sub("", text)


def _most(texts: Iterable[str]) -> str:
    """Take the text that is there most often, of several the last in the alphabet: small letters."""
    counts = Counter(texts)
    return max(counts, key=lambda text: (counts[text], text))
