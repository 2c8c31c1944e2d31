"""Lines read as turns, and whether they are talk: what people say, where nobody said so.

1.  *Times* make talk of lines where most of them leave room for what is said between them. Chapters, agendas
    and verses leave more; they are talk only if names come again with sentences there.
2.  *Names* make talk where a quarter of the paragraphs has one that comes again, or half has one at all, and
    who has them addresses others: now and then somebody asks, or says "I", "you" or "thanks". In few lines
    nobody may; then they are talk unless labels are counted, or come, or are followed, as in a form.
3.  *Dashes* make talk of lines without either where questions among them are answered; so do questions to
    somebody who speaks of themselves (`interviews`).
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.normalizers.speech.attributed import Attributed, Form
from episodic.canonical.normalizers.speech.dialogue import QUESTION_END, SENTENCE_END
from episodic.canonical.normalizers.speech.interviews import FEWEST, count_questions
from episodic.canonical.normalizers.speech.labelling import (
    Labels,
    are_addressed,
    count_returns,
    doubted_languages,
    find_labels,
)
from episodic.canonical.normalizers.speech.lines import Line
from episodic.canonical.normalizers.speech.names import Standing, is_numbered_speaker, standing
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import stamp, timing

SENTENCE: Final = pattern(rf"{SENTENCE_END.pattern}|[,\uff0c\u3001]$")
_FIELD: Final = pattern(r"[^\n:\uff1a]{1,40}[:\uff1a]")
_AGENDA_SECONDS: Final = 15  # of which all times of an agenda are multiples, from a beginning of its own
ENDING: Final = 20  # characters
_MOST_ONCE: Final = 3  # names that all stand once, as in a list of terms
LONG_DASHES: Final = ("\u2013", "\u2014", "\u2015")
# What is no speech behind a label: numbers of telephones, prices and hours, addresses of mail and of pages.
_DATA: Final = pattern(
    r"\s*(?:\S*@\S+\.\w+|(?:https?://|www\.)\S+"
    r"|[+(]?\d[\d\s()/.,:+\u2010-\u2015-]*(?:[^\W\d_]{1,4}\.?|[^\w\s.?!])?)\s*"
)
_FEW_TURNS: Final = 12  # in which nobody may address others, though people talk
_FEW_FIELDS: Final = 2  # lines
_LONGEST_FIELD: Final = 24  # characters
_MANY: Final = 5  # lines that look like speech, in what may be notes


@dataclass(frozen=True, slots=True)
class Turns:
    """Lines that are what people say.

    Parameters
    ----------
    timed
        Whether a turn lasts to the next time or name, over the ends of paragraphs.
    changes
        Where another begins to speak, of whom nothing is known.
    """

    parsed: tuple[Attributed, ...]
    names: frozenset[str]
    timed: bool
    changes: frozenset[int] = frozenset()

    @property
    def lines(self) -> Sequence[Line]:
        """The lines that they are made of."""
        return [each.line for each in self.parsed]

    def begins(self, at: int) -> bool:
        """Whether a turn begins with a line."""
        each = self.parsed[at]
        if at in self.changes:
            return True
        if not (self.names or self.timed) and each.line.text.lstrip().startswith(LONG_DASHES):
            return True
        return (each.start is not None and not each.line.heading) or is_named(each, self.names)

    def stands_once(self, at: int) -> bool:
        """Whether the label of a line stands there alone, above two others or more that come again."""
        each, below = self.parsed[at], Counter(later.name for later in self.parsed[at + 1 :] if later.kind)
        if each.kind is not Form.COLON or each.start is not None or each.name in below:
            return False
        return sum(1 for name, times in below.items() if times > 1 and name in self.names) > 1

    def part(self, start: int, stop: int) -> Turns:
        """Those of some of the lines."""
        changes = frozenset(at - start for at in self.changes if start <= at < stop)
        return replace(self, parsed=self.parsed[start:stop], changes=changes)

    def headings(self) -> Iterator[tuple[Line, float | None]]:
        """The headings that name nobody without their times, each with its time or that of what follows."""
        for at, each in enumerate(self.parsed):
            if each.line.heading and not is_named(each, self.names):
                starts = (near.start for near in self.parsed[at : at + 4])
                start = next((start for start in starts if start is not None), None)
                yield each.line._replace(text=each.said), start


def is_named(each: Attributed, names: Collection[str]) -> bool:
    """Whether a line has a name that counts."""
    return each.kind is not None and each.name in names


def is_talk(turns: Turns) -> bool:
    """Whether lines of which nobody said so are what people say."""
    named = [each for each in turns.parsed if is_named(each, turns.names)]
    if turns.changes:
        return True
    if turns.timed:
        return _leaves_room(turns) or _converse(turns)
    if not turns.names:
        return are_dashed(turns.lines, listed=False)
    paragraphs = sum(1 for each in turns.parsed if each.line.begins)
    again = len({each.name for each in named}) < len(named)
    often = len(named) > 1 and len(named) * (4 if again else 2) >= paragraphs
    return (often or len(named) == paragraphs) and _are_people(turns, named)


def _are_people(turns: Turns, named: Sequence[Attributed]) -> bool:
    """Whether names are people's, and no terms or fields: who addresses others is one."""
    names = [each.name for each in named]
    if any(is_numbered_speaker(name.casefold()) for name in names):
        return True
    if len(set(names)) == len(names) > _MOST_ONCE and not any(
        standing(name) is Standing.NAME for name in names
    ):
        return False
    said = _said(turns)
    if len(set(names)) == 1 and all(map(QUESTION_END.search, said)):
        return False  # what somebody is going to ask
    few = len(said) < _FEW_TURNS or len(named) == len(turns.parsed)
    return are_addressed(said, asked=True) or (few and not _are_terms(turns, named))


def _are_terms(turns: Turns, named: Sequence[Attributed]) -> bool:
    """Whether names are terms or fields where nobody addresses others, as in a few lines people may not.

    Terms are counted ("Article 1"), stand once, or come in one order, a block each time; fields have data or
    names behind them, or nothing as long as a sentence.
    """
    names = [each.name for each in named]
    counted = any(name[-1].isdigit() for name in names)
    if counted or _are_blocks(turns) or _are_records(turns) or _are_tasks(named):
        return True
    if sum(_is_data(each.words) or standing(each.words) is Standing.NAME for each in named) * 3 > len(named):
        return True
    if len(set(names)) < len(names) or any(standing(name) is Standing.NAME for name in names):
        return False
    said = [each.words if is_named(each, turns.names) else each.said for each in turns.parsed]
    if len(said) <= _FEW_FIELDS or sum(words[:1].islower() for words in said) * 2 > len(said):
        return False
    return not any(len(words) > _LONGEST_FIELD or SENTENCE.search(words) for words in said)


def _are_blocks(turns: Turns) -> bool:
    """Whether labels come in one order throughout, each time as a paragraph or below a line without one."""
    at = [at for at, each in enumerate(turns.parsed) if is_named(each, turns.names)]
    size = _size_of_round([turns.parsed[each].name for each in at])
    if size < 2:
        return False
    firsts = [each % size == 0 for each in range(len(at))]
    headed = [not each or not is_named(turns.parsed[each - 1], turns.names) for each in at]
    begun = [turns.parsed[each].line.begins for each in at]
    return headed == firsts or (size > 2 and begun == firsts)


def _are_records(turns: Turns) -> bool:
    """Whether labels come in one order throughout, and one of them never before a sentence."""
    lines = [each.line for each in turns.parsed if not each.line.heading]
    heads = [found[0] for line in lines if (found := _FIELD.match(line.text))]
    size = _size_of_round(heads)
    if size < 2 or len(heads) < len(lines):
        return False
    said = Counter(head for head, line in zip(heads, lines, strict=True) if SENTENCE.search(line.text))
    return len(said) < size and len(heads) // size in said.values()


def _size_of_round(names: Sequence[str]) -> int:
    """How many names come in one order, twice and more, and nothing else; nought if they do not."""
    order = list(dict.fromkeys(names))
    size = len(order)
    return size if len(names) > size and [*names] == order * (len(names) // size) else 0


def _are_tasks(named: Sequence[Attributed]) -> bool:
    """Whether items of a list have who does something, and no sentence: "- Ada: book the studio"."""
    return all(
        (each.line.item or each.line.text.lstrip().startswith(("- ", "* ", "\u2022")))
        and each.words[:1].islower()
        and SENTENCE.search(each.words) is None
        for each in named
    )


def _said(turns: Turns) -> Sequence[str]:
    """What each says who has a name that counts, with the lines below."""
    said: list[str] = []
    for each in turns.parsed:
        if is_named(each, turns.names):
            said.append(each.words)
        elif said and not each.line.heading:
            said[-1] = f"{said[-1]} {each.said}"
    return said


def _is_data(words: str) -> bool:
    """Whether words are data that nobody says: "12 €", and not "12.", which is an answer."""
    return _DATA.fullmatch(words) is not None and SENTENCE_END.search(words) is None


def _converse(turns: Turns) -> bool:
    """Whether names with times say sentences and come again, as those of an agenda do not."""
    named = [at for at, each in enumerate(turns.parsed) if is_named(each, turns.names)]
    starts = [each.start for each in turns.parsed if each.start is not None]
    ends = (*named[1:], len(turns.parsed))
    said = sum(
        any(SENTENCE.search(each.said) for each in turns.parsed[at:end])
        for at, end in zip(named, ends, strict=False)
    )
    if starts != sorted(starts) or said * 4 < len(named) * 3:
        return False
    if len(starts) * 2 > len(named) and starts[0] and all(start % _AGENDA_SECONDS == 0 for start in starts):
        return False
    return count_returns([turns.parsed[at].name for at in named]) > 1


def _leaves_room(turns: Turns) -> bool:
    """Whether most turns say a character a second or more.

    Chapters and stages of an agenda say less; the times of verses and results, below their names, go back.
    """
    starts: list[tuple[float, int]] = []
    names: Counter[str] = Counter()
    for each in turns.parsed:
        if is_named(each, turns.names):
            names[each.name] += 1
        words = len(each.words if is_named(each, turns.names) else each.said)
        if each.start is not None:
            starts.append((each.start, words))
        elif starts:
            starts[-1] = starts[-1][0], starts[-1][1] + words
    lasting = [(end - start, characters) for (start, characters), (end, _) in itertools.pairwise(starts)]
    odd = sum(duration > characters or (duration < 0 and bool(names)) for duration, characters in lasting)
    return odd * 2 <= len(lasting)


def are_dashed(lines: Sequence[Line], *, listed: bool) -> bool:
    """Whether dashes begin nearly all that is said, and questions among it are answered, as in interviews.

    Parameters
    ----------
    listed
        Whether what a list has counts, too.
    """
    said: list[str] = []
    others = 0
    for line in lines:
        text = line.text.lstrip()
        if (listed and (line.item or text.startswith("-"))) or text.startswith(LONG_DASHES):
            said.append(text)
        elif said and not line.begins:
            said[-1] = f"{said[-1]} {text}"
        else:
            others += not line.heading
    asked = [QUESTION_END.search(text[-ENDING:]) is not None for text in said]
    answered = sum(before and not after for before, after in itertools.pairwise(asked))
    return len(said) >= _MANY and others * 4 <= len(said) and answered * 3 >= len(said)


def like_speech(texts: Sequence[str]) -> str | None:
    """What in texts that were taken for prose looks like speech, in words; ``None``: nothing.

    Chapters have times as well, and titles, which are no sentences.
    """
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    times = [time for line in lines if (time := stamp(line) or timing(line)) is not None]
    sentences = sum(SENTENCE.search(time.rest) is not None for time in times)
    if len(times) >= _MANY and len(times) * 3 >= len(lines) and sentences * 2 > len(times):
        return f"{len(times):,} of {len(lines):,} lines begin with a time"
    if (asked := count_questions(texts)) >= FEWEST:
        return f"{asked:,} of {len(texts):,} paragraphs are questions that somebody answers"
    lines = [line for line in lines if not _is_data(line.partition(":")[2])]
    found = find_labels(lines)
    if any(doubted_languages([(label.name, label.words) for label in found])):
        return f"{len(found):,} of {len(lines):,} lines begin with the name of a language, or a speaker's"
    labels = Labels.among(found, len(lines))
    named = sum(labels.split(line)[0] is not None for line in lines) if labels.returns > 1 else 0
    if named >= _MANY and named * 8 >= len(lines):
        return f"{named:,} of {len(lines):,} lines begin with the name of a speaker"
    return None
