"""Interviews in which nobody, or nobody but who asks, is named: each question and each answer is another's.

1.  *One name*, most of whose turns end with a question mark: what stands below each, without a name, is the
    answer of another.
2.  *No name*: paragraphs, or headings, that end with a question mark, each with an answer below. Who is asked
    says "I", and who asks says "you"; in questions that readers have ("How do I subscribe?"), it is the other
    way round. Without bold text or italics more are needed: essays and advertisements ask their readers, too.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from episodic.canonical.normalizers.speech.attributed import Attributed
from episodic.canonical.normalizers.speech.dialogue import QUESTION_END
from episodic.canonical.normalizers.speech.labelling import has_word
from episodic.canonical.normalizers.speech.lexicon import ASKED, ASKING

FEWEST: Final = 3  # questions
_FEWEST_PLAIN: Final = 5
_FEWEST_NAMED: Final = 2
_LONGEST: Final = 4  # paragraphs of an answer and its question, in the mean


class _Part(NamedTuple):
    """A paragraph, or a heading: where it begins, and what it says."""

    at: int
    text: str
    named: bool = False
    heading: bool = False
    stressed: bool = False


def answered(parsed: Sequence[Attributed], names: Collection[str]) -> frozenset[int]:
    """Where somebody without a name begins to answer, below questions of the only one who has one."""
    if len(names) != 1:
        return frozenset()
    parts = list(_parts(parsed, names))
    asked = [part for part in parts if part.named]
    answers = [after.at for part, after in itertools.pairwise(parts) if part.named > after.named]
    if len(asked) < _FEWEST_NAMED or len(answers) * 3 < len(asked) * 2:
        return frozenset()
    return frozenset(answers if sum(map(_asks, asked)) * 2 >= len(asked) else ())


def interviewed(parsed: Sequence[Attributed]) -> frozenset[int]:
    """Where questions and answers begin, of which nobody says whose they are."""
    parts = list(_parts(parsed, ()))
    asked = _asked(parts)
    stressed = all(parts[at].stressed for at in asked)
    few = len(asked) < (FEWEST if stressed else _FEWEST_PLAIN)
    return frozenset(() if few else (parts[at + step].at for at in asked for step in (0, 1)))


def count_questions(texts: Sequence[str]) -> int:
    """How many paragraphs are questions to somebody who answers, if all are; else nought."""
    return len(_asked([_Part(at, text) for at, text in enumerate(texts)]))


def _asked(parts: Sequence[_Part]) -> Sequence[int]:
    """Which parts are questions to somebody who answers; none, if one has no answer or they are readers'."""
    asked = [at for at, part in enumerate(parts) if _asks(part)]
    if len(asked) * _LONGEST < len(parts):
        return ()
    answers = [parts[at + 1 : end] for at, end in zip(asked, [*asked[1:], len(parts)], strict=False)]
    if not all(answers) or any(part.heading for each in answers for part in each):
        return ()
    mine = sum(any(has_word(part.text, ASKED) for part in each) for each in answers)
    theirs = sum(has_word(parts[at].text, ASKED) for at in asked)
    yours = sum(has_word(parts[at].text, ASKING) for at in asked)
    return asked if mine and (yours > theirs or not theirs) and mine + yours - theirs >= len(asked) else ()


def _parts(parsed: Sequence[Attributed], names: Collection[str]) -> Iterator[_Part]:
    """The paragraphs of lines."""
    part: _Part | None = None
    for at, each in enumerate(parsed):
        named = each.kind is not None and each.name in names
        line = each.line
        if part is None or line.begins or named or line.heading:
            if part is not None:
                yield part
            text = each.words if named else each.said
            part = _Part(at, text, named, line.heading, stressed=line.bold == line.text)
        else:
            part = part._replace(text=f"{part.text} {each.said}")
    if part is not None:
        yield part


def _asks(part: _Part) -> bool:
    return QUESTION_END.search(part.text) is not None
