"""People, merged by name across claims and speakers.

Two names are one person's when they say the same (`Ada Lovelace`, `ada lovelace`), when one is the
other's first or last name or its abbreviation (`Ada`, `Lovelace`, `A. Lovelace`), and no third person
could be meant as well. A role in parentheses after a name is a role (`Ada Lovelace (host)`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from episodic.canonical.document import Person, Witness
from episodic.canonical.sources import ClaimField, SourceType
from episodic.canonical.tokens import key, printable

_ROLE = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<role>[^()\[\]]{1,40})[)\]]\s*:?$")
_XML_NAME = re.compile(r"[^a-z0-9]+")

# By siglum and the name as the witness gives it: `Person.key`.
type Speakers = Mapping[tuple[str, str], str]


@dataclass(slots=True)
class _Someone:
    """A person in the making; `weights` by name."""

    parts: tuple[str, ...]
    weights: dict[str, int] = field(default_factory=dict[str, int])
    roles: dict[str, None] = field(default_factory=dict[str, None])
    names: dict[tuple[str, str], None] = field(default_factory=dict[tuple[str, str], None])


def merge(witnesses: Sequence[Witness]) -> tuple[tuple[Person, ...], Speakers]:
    """Merge the people of all witnesses.

    Parameters
    ----------
    witnesses
        By falling weight.

    Returns
    -------
    The people, in the order in which they are first named by the fullest names, and whom each
    witness means by each of its speakers' names.
    """
    mentions: dict[tuple[str, ...], _Someone] = {}
    for witness in witnesses:
        for name, role in _mentions(witness):
            bare, found = _split(name)
            someone = mentions.setdefault(_parts(bare), _Someone(_parts(bare)))
            someone.weights[bare] = someone.weights.get(bare, 0) + witness.weighted.weight
            someone.names[witness.siglum, name] = None
            for each in (role, found):
                if each:
                    someone.roles.setdefault(printable(each).casefold())
    people = _joined(list(mentions.values()))
    keys = _keys(people)
    made = tuple(
        Person(k, _best_name(someone), tuple(someone.roles), tuple(someone.names))
        for k, someone in zip(keys, people, strict=True)
    )
    return made, {pair: person.key for person in made for pair in person.names}


def _mentions(witness: Witness) -> list[tuple[str, str | None]]:
    source = witness.weighted.source
    found = [(printable(c.value), c.qualifier) for c in source.claims if c.field is ClaimField.PERSON]
    if source.source_type is SourceType.TRANSCRIPT:
        found += dict.fromkeys((printable(u.speaker), None) for u in source.utterances if u.speaker)
    return [(name, role) for name, role in found if name]


def _split(name: str) -> tuple[str, str | None]:
    """Take a role in parentheses and a trailing colon off a name."""
    if match := _ROLE.match(name):
        return match["name"] or name, match["role"]
    return name.rstrip(" :") or name, None


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for word in re.split(r"[\s.]+", name) if (part := key(word))) or (name,)


def _joined(people: list[_Someone]) -> list[_Someone]:
    """Join each short name with the one fuller name that it can stand for, if there is just one."""
    fullest = sorted(people, key=lambda someone: -len(someone.parts))
    kept: list[_Someone] = []
    for someone in fullest:
        candidates = [other for other in kept if _stands_for(someone.parts, other.parts)]
        if len(candidates) != 1:
            kept.append(someone)
            continue
        candidates[0].weights |= someone.weights
        candidates[0].roles |= someone.roles
        candidates[0].names |= someone.names
    return sorted(kept, key=people.index)


def _stands_for(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether `short` is part of `full`, or the same with initials for given names."""
    if len(short) == 1:
        return short[0] in (full[0], full[-1]) and len(short[0]) > 1 and not short[0].isdigit()
    if short[-1] != full[-1] or len(short) > len(full):
        return False
    given = zip(short[:-1], full[:-1], strict=False)
    return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in given)


def _best_name(someone: _Someone) -> str:
    """Choose the name with most parts written out; of those, the heaviest."""
    return max(
        someone.weights,
        key=lambda name: (sum(len(part) > 1 for part in _parts(name)), someone.weights[name], name),
    )


def _keys(people: Sequence[_Someone]) -> list[str]:
    keys: list[str] = []
    for someone in people:
        stem = "sp-" + (_XML_NAME.sub("-", "-".join(someone.parts)).strip("-") or "x")
        name, number = stem, 2
        while name in keys:
            name, number = f"{stem}-{number}", number + 1
        keys.append(name)
    return keys
