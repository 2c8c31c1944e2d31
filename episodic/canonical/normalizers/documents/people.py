"""The people whom lists in papers name.

A list says who takes part by what stands behind the names (``Ada Lovelace, host``, ``Bo Ek (guest)``), or by
what stands above it (``Guests``).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from episodic.canonical.normalizers.speech.names import Standing, is_caseless, standing
from episodic.canonical.normalizers.statements import role_of, several
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold

# Who, and what that person is or does: behind a comma, a colon or a dash, or in brackets.
_WHO: Final = pattern(
    r"(?P<who>[^,:|(\uff0c\uff08\uff1a\u3001]+?)"
    r"(?:\s*[,:|(\uff0c\uff08\uff1a\u3001]|\s+[-\u2013\u2014]\s)\s*(?P<what>.*?)[\s.)\uff09]*"
)
# Papers name them for other reasons, too.
_ELSEWHERE: Final = frozenset(("author", "editor", "reporter"))


def listed_people(passages: Iterable[Passage]) -> Iterator[Claim]:
    """The people in lists: those whose role is said, and all below a heading that says theirs."""
    above: str | None = None
    level = 0  # of what says so
    for passage in passages:
        depth = passage.level if passage.kind is PassageKind.LIST_ITEM else 0
        if depth <= level or role_of(passage.text) is not None:
            above, level = role_of(passage.text), depth
        for line in () if passage.kind is PassageKind.HEADING else map(fold, passage.text.split("\n")):
            match = _WHO.fullmatch(line)
            who, what = (match["who"], match["what"]) if match else (line, "")
            said = [role for each in several(what) if (role := role_of(each)) is not None]
            role = said[0] if said else above if depth else None
            if role is not None and role not in _ELSEWHERE and _is_whole_name(who):
                yield Claim(ClaimField.PERSON, who, passage.where, role or None)


def _is_whole_name(text: str) -> bool:
    return standing(text) is (Standing.WORD if is_caseless(text) else Standing.NAME)
