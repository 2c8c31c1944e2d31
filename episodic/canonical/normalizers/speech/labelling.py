"""What may name a speaker in front of what is said, and which of these labels name people.

How a label stands there is told by its form (`names.standing`), whether it counts by all labels of a
transcript: how many pieces have one, and whether they come again after others.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from episodic.canonical.normalizers.languages import detect_language, is_much_written
from episodic.canonical.normalizers.speech.lexicon import ADDRESSING, ROLES, SMALL
from episodic.canonical.normalizers.speech.names import Standing, is_caseless, is_numbered_speaker, standing
from episodic.canonical.sources import Doubt
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold

DIRECTIONS: Final = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_DIRECTION: Final = pattern(f"[{DIRECTIONS}]")
_BLANK: Final = rf"[\s{DIRECTIONS}]"
# Pictures, which some put in front of names.
_SYMBOLS: Final = pattern("^(?:[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff] ?)+")
_CLOSINGS: Final = "\u202c\u2069\u200e\u200f"
WIDE: Final = "\uff1a\ufe13\ufe55\u1366"  # of Chinese and Japanese, and of Amharic
# "Name:", "Name :", "Name [off]:" and "[SPEAKER_00] words", also as "[SPEAKER_00]: words"; a colon needs a
# space after it, where no wide one or a letter without case follows.
_LABEL: Final = pattern(
    rf"{_BLANK}*(?:(?P<mark>>>+|[-\u2013\u2014]){_BLANK}*)?"
    rf"(?:(?:\[(?P<square>[^\[\]\n]{{1,60}})\]|\((?P<round>[^()\n]{{1,60}})\)|[\u3010\uff3b\u3014\uff08]"
    rf"(?P<lenticular>[^\u3011\uff3d\u3015\uff09\n]{{1,60}})[\u3011\uff3d\u3015\uff09]){_BLANK}*+(?P<colon>[:{WIDE}])?"
    rf"|(?P<name>[^\n\t:{WIDE}\[\]<>?!;\u2026|]{{1,60}})(?:[ ]\[[^\[\]\n:]{{1,30}}\])?{_BLANK}*"
    rf"(?::(?={_BLANK}|$|[^\W\d_a-zA-Z])|[{WIDE}])){_BLANK}*"
)
# The least share of the pieces that labels stand in front of, where people come again.
_SHARE: Final = 0.1
_OFTEN: Final = 4
EVERYWHERE: Final = pattern(r"[^\S\n]*([^\n:<>]{1,60}?)[^\S\n]*:(?=\s)")


# The Greek question mark is typed as a semicolon.
ASKS: Final = pattern("[?\uff1f\u061f\u037e\u055e]|(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
_CALLS: Final = pattern(rf"{ASKS.pattern}|[!\uff01]")
_WORD: Final = pattern(r"[^\W\d_]+")
_UNSPACED: Final = "\u0900"  # the scripts of India, whose vowels belong to no word for Python, and all above
_ADDRESSED: Final = 12  # turns, one of which at least says "I", "you", "yes" or "thanks" where people talk


class Label(NamedTuple):
    """What may name a speaker at the start of a text: how it stands there, and where the speech begins.

    Parameters
    ----------
    called
        Whether chevrons call it.
    bare
        Whether it has a line of its own, in brackets, as what is heard has.
    words
        What follows.
    """

    name: str
    standing: Standing
    called: bool
    end: int
    bare: bool = False
    words: str = ""

    @property
    def small(self) -> bool:
        """Whether a small letter follows."""
        return self.words[:1].islower()


@dataclass(frozen=True, slots=True)
class Labels:
    """The speaker labels of one transcript, decided on the whole of it.

    Parameters
    ----------
    names
        Those that count.
    returns
        How often a name comes again after another.
    """

    names: frozenset[str] = frozenset()
    returns: int = 0

    @classmethod
    def among(cls, found: Sequence[Label], total: int) -> Labels:
        """Decide on labels in their order, of so many pieces: cues, paragraphs, segments."""
        found = named(found)
        doubted = any(doubted_languages([(label.name, label.words) for label in found]))
        decided = [] if doubted else [(label.name, label.standing) for label in found]
        return cls.decided(decided, total).including(
            label.name for label in found if label.called and label.standing >= Standing.WORD
        )

    @classmethod
    def decided(cls, found: Sequence[tuple[str, Standing]], total: int, *, spoken: bool = False) -> Labels:
        """Decide which labels name people, of all in their order; roles if `spoken`, or some come again."""
        folded = Counter(name.casefold() for name, _ in found)
        # "SO: WE WALKED." in capitals is no initial of somebody's, who would say more.
        found = [each for each in found if folded[low := each[0].casefold()] > 1 or low not in SMALL]
        counts = {name: folded[name.casefold()] for name, _ in found}  # some write a name in capitals, too
        forms = dict(found)
        people = [name for name, form in found if form >= Standing.WORD]
        returns = count_returns([name.casefold() for name in people])
        if not (returns or spoken):
            people = [name for name in people if name.casefold() not in ROLES]
        throughout = len(people) * 2 >= total and (len(people) > 1 or total == 1)
        named = any(forms[name] is Standing.NAME and counts[name] > 1 for name in people)
        again = returns > 0 and (
            named or len(people) >= _SHARE * total or (returns >= _OFTEN and len(people) * 40 >= total)
        )
        numbered = {name for name in people if counts[name] > 1 and any(map(str.isdigit, name))}
        speakers = {name for name in people if is_numbered_speaker(name.casefold())}
        numbered |= speakers if len(speakers) > 1 else set()
        names = (
            numbered
            if not (throughout or again)
            else {name for name in people if counts[name] > 1 or throughout or forms[name] is Standing.NAME}
        )
        capitals = {name.casefold() for name in names if name.isupper()}
        if len(capitals) > 1 and all(name.casefold() in capitals for name in names):
            names |= set(filter(str.isupper, people))  # whoever says no more is written as they are
        if not throughout:  # where no capital tells a name from a word, one that is rare is a word
            names -= {name for name in names - numbered if counts[name] * 40 <= total and is_caseless(name)}
        if len(found) * 5 >= total * 4:
            names |= set(people) if len(people) < len(found) else set()
            # Where all is labelled, somebody may have said no more, and phrases are people, as in Vietnamese.
            everywhere = len(found) >= total and count_returns([name for name, _ in found]) > 1
            names |= {
                name
                for name, times in counts.items()
                # One label a piece: what stands in the middle of one, broken as "he / said:", is none.
                if (forms[name] is Standing.NICKNAME and times > 1 - (everywhere and len(found) == total))
                or (forms[name] is Standing.PHRASE and times > 1 and everywhere)
            }
        if throughout or (names and len(found) * 2 >= total):
            names |= {name for name, times in counts.items() if times > 1 and forms[name] is Standing.PHRASE}
        return cls(frozenset(names), returns)

    def including(self, names: Iterable[str]) -> Labels:
        """Labels with names that are known from elsewhere."""
        return replace(self, names=self.names.union(names))

    def split(self, text: str) -> tuple[str | None, str]:
        """The speaker whose label `text` begins with, and the rest."""
        if not self.names:
            return None, text
        label = find_label(text)
        if label is not None and label.name not in self.names:
            name, _, aside = label.name.partition(" (")
            if aside and name in self.names:  # "MAYA (whispering): Come in."
                return name, f"({aside} {text[label.end :]}"
        if label is None or label.name not in self.names:
            head = EVERYWHERE.match(text)
            if head is None or head[1] not in self.names:
                return None, text
            return head[1], text[head.end() :]
        rest = text[label.end :]
        # In bold text and after it, some write the name twice.
        again = find_label(rest)
        if again is not None and again.name == label.name:
            rest = rest[again.end :]
        return label.name, rest.rstrip(_CLOSINGS)

    def split_lines(self, text: str) -> list[tuple[str | None, str]]:
        """Split `text` at the lines that begin with a label; what stands before the first has no name."""
        if not self.names:
            return [(None, text)]
        parts: list[tuple[str | None, str]] = []
        name: str | None = None
        lines: list[str] = []
        for line in text.split("\n"):
            label, rest = self.split(line)
            if label is not None:
                if lines:
                    parts.append((name, " ".join(lines)))
                name, lines = label, [rest]
            else:
                lines.append(line)
        parts.append((name, " ".join(lines)))
        return parts


def find_label(text: str) -> Label | None:
    """What may name a speaker at the start of `text`."""
    if not (":" in text or "[" in text or "(" in text) and text.isascii():
        return None  # the pattern would look far for a colon
    match = _LABEL.match(text)
    if match is None:
        return None
    inside = match["square"] or match["round"] or match["lenticular"]
    name = _cleaned(inside or match["name"] or "")
    form = standing(name)
    enclosed = inside is not None and not match["colon"]
    if form is Standing.NONE or (enclosed and form < Standing.WORD):  # only names are so written
        return None
    bare = enclosed and match.end() == len(text)
    called = (match["mark"] or "").startswith(">")
    return Label(name, form, called, match.end(), bare, text[match.end() :])


def find_labels(lines: Iterable[str]) -> Sequence[Label]:
    """The labels in front of lines."""
    return [label for line in lines if (label := find_label(line)) is not None]


def named(found: Sequence[Label]) -> Sequence[Label]:
    """The labels without those in brackets on a line of their own, unless most stand so."""
    others = [label for label in found if not label.bare]
    return others if len(others) * 2 >= len(found) else found


def count_returns(names: Sequence[str]) -> int:
    """How often a name comes again after another."""
    seen: set[str] = set()
    count = 0
    for before, name in itertools.pairwise(["", *names]):
        count += name in seen and name != before
        seen.add(name)
    return count


def are_callable(heads: Sequence[str]) -> bool:
    """Whether names look like some; numbers are those of a few who do not only take turns in their order."""
    if not any(map(str.isdecimal, heads)):
        return all(standing(name) >= Standing.NICKNAME for name in heads)
    order = sorted({int(name) for name in heads})
    cycle = map(str, itertools.cycle(order))
    return order[-1] - order[0] < len(order) and (len(order) == 2 or any(map(str.__ne__, heads, cycle)))  # noqa: B912 - endless


def are_addressed(said: Iterable[str], *, asked: bool = False) -> bool:
    """Whether people talk to each other: whether now and then somebody says "I", "you" or "thanks".

    Recipes, laws, minutes, credits and lists of terms have names before their lines as well, which return,
    but hardly such words.

    Parameters
    ----------
    said
        What each turn says.
    asked
        Whether it tells as much that somebody asks or calls, which essays and diaries do, too.
    """
    heard = [has_word(words, ADDRESSING) or (asked and _CALLS.search(words) is not None) for words in said]
    return sum(heard) * _ADDRESSED >= len(heard)


def has_word(text: str, words: Collection[str]) -> bool:
    """Whether a text has one of some words; of scripts without spaces, whether it stands anywhere."""
    if any(word.casefold() in words for word in _WORD.findall(text)):
        return True
    return not text.isascii() and any(word in text for word in words if word[0] >= _UNSPACED)


def doubted_languages(said: Sequence[tuple[str, str]]) -> Iterator[Doubt]:
    """What there is to say of labels that name languages, in one order, as a text and its translations have.

    Two letters, or more than three: tags of three letters are people's names as well, as of Ada and Bob. They
    are initials where what stands behind them is in one language.

    Parameters
    ----------
    said
        Each label, and what follows it.
    """
    names = [name for name, _ in said]
    order = list(dict.fromkeys(names))
    if len(order) < 2 or len(names) < 2 * len(order) or any(map(str.__ne__, names, itertools.cycle(order))):
        return
    if not all(len(name) != 3 and is_much_written(name) for name in order):
        return
    texts = (" ".join(words for name, words in said if name == each) for each in order)
    languages = {found.language if (found := detect_language(text)) else None for text in texts}
    if len(languages) > 1 or None in languages:
        yield Doubt.guessed(
            f"labels taken for those of languages, and of nobody who speaks: {', '.join(order)}"
        )


def _cleaned(name: str) -> str:
    """A name without directions, and without what marks it."""
    return _SYMBOLS.sub("", fold(_DIRECTION.sub("", name))).strip(" *_>/-\u2013\u2014")
