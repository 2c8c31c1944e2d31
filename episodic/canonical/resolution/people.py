"""People, merged by name across claims and speakers.

Two names are one person's when they say the same (`Ada Lovelace`, `ada lovelace`, `Lovelace, Ada`), when one
is the other's first or last name or its abbreviation (`Ada`, `Lovelace`, `A. Lovelace`, `AL`), and no third
person could be meant as well; titles (`Dr. Lovelace`) and marks on letters (`Lucía`, `Lucia`) make no other
name. What follows a name in parentheses or behind a comma is a role (`Ada Lovelace (host)`, `ADA LOVELACE,
HOST`), but for `Jr.` and its like. A label (`Speaker 1`) is whom its witness means by it, never the same
label of another. `Host` is the one host, and `Guest` the one guest whom anybody names, unless its witness has
that person speak by name as well. Full names that are nearly spelled alike (`Katherine Odegård`, `Kathryn
Odegaard`) are one person's, unless somebody has both or they play other parts; that is a guess, and a
conflict (`contradictions`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from episodic.canonical.document import Person, Reading, Variation, Witness
from episodic.canonical.editing.addresses import Names, xml_id
from episodic.canonical.resolution.names import (
    Parts,
    are_alike,
    bare,
    folded,
    initials,
    is_undivided,
    parts_of,
    plain,
    stands_for,
    without_role,
)
from episodic.canonical.resolved import Decision
from episodic.canonical.sources import ClaimField, SourceType, decimal
from episodic.canonical.text.labels import is_label, part_of
from episodic.canonical.text.tokens import printable

# So many people who share a first or last name are more than a short one could tell apart.
_CROWD: Final = 32

# What the name that an editor gives weighs, above all that witnesses call somebody.
_EDITORS: Final = 1_000_000

# A siglum, and the name as the witness gives it.
type Mention = tuple[str, str]
# `Person.key` by mention.
type Speakers = Mapping[Mention, str]


@dataclass(slots=True)
class _Someone:
    """A person in the making; `weights` by name."""

    parts: Parts
    weights: dict[str, int] = field(default_factory=dict[str, int])
    roles: dict[str, None] = field(default_factory=dict[str, None])
    names: dict[Mention, None] = field(default_factory=dict[Mention, None])
    given: list[str] = field(default_factory=list[str])  # by editors
    is_label: bool = False

    def take_in(self, other: _Someone) -> None:
        """Be somebody else as well."""
        self.weights |= other.weights
        self.roles |= other.roles
        self.names |= other.names
        self.given += other.given


def merge(
    witnesses: Sequence[Witness],
    called: Mapping[str, str] | None = None,
    named: Sequence[str] = (),
    meant: Mapping[Mention, Mention] | None = None,
    tracks: AbstractSet[Mention] = frozenset(),
) -> tuple[tuple[Person, ...], Speakers]:
    """Merge the people of all witnesses.

    Parameters
    ----------
    witnesses
        By falling weight.
    called
        Whom labels mean, by the labels as `folded` gives them.
    named
        Whom editors name, with or without any witness; their keys are under the siglum ``""``.
    meant
        Whom labels of witnesses mean, where other witnesses told that.
    tracks
        Whom witnesses name by their files alone.

    Returns
    -------
    The people, in the order in which they are first named by the fullest names, and whom each
    witness means by each of its speakers' names.
    """
    mentions: dict[Parts, _Someone] = {}
    by_file = dict(tracks)
    found_in = [(witness, _mentions(witness, by_file.get(witness.siglum))) for witness in witnesses]
    whole = {folded(name) for _, names in found_in for name, _ in names}
    for witness, names in found_in:
        for name, role in names:
            siglum, own = (meant or {}).get((witness.siglum, name), (witness.siglum, name))
            alone, found = without_role((called or {}).get(folded(own), own), whole)
            parts, label = _told_by(alone), is_label(alone) and folded(own) not in (called or {})
            known = ("", siglum, *parts) if label else parts
            someone = mentions.setdefault(known, _Someone(parts, is_label=label))
            # Of what another witness tells, only the name counts: labels may mean each other in a ring.
            weight = witness.weighted.weight if own == name else 0
            someone.weights[alone] = someone.weights.get(alone, 0) + weight
            someone.names[witness.siglum, name] = None
            for each in (role, found):
                if each:
                    someone.roles.setdefault(printable(each).casefold())
    given = {name: _told_by(name) for name in (*named, *(called or {}).values())}
    for name, parts in given.items():
        someone = mentions.setdefault(parts, _Someone(parts))
        someone.weights[name] = _EDITORS
        someone.given.append(name)
    everybody = _with_parts(_joined(_with_variants(list(mentions.values()))), _speaking(witnesses))
    people = [each for each in everybody if each.names or set(named) & set(each.given)]
    keys = _keys(people)
    made = tuple(
        Person(k, _best_name(someone), tuple(someone.roles), tuple(someone.names))
        for k, someone in zip(keys, people, strict=True)
    )
    speakers = {pair: person.key for person in made for pair in person.names}
    for k, someone in zip(keys, people, strict=True):
        speakers |= {("", name): k for name in someone.given}
    return made, speakers


def contradictions(people: Sequence[Person], witnesses: Sequence[Witness]) -> list[Decision]:
    """Give a decision for each person whose full name witnesses spell differently."""
    weights = {witness.siglum: witness.weighted.weight for witness in witnesses}
    made: list[Decision] = []
    for person in people:
        spelled: dict[Parts, list[Mention]] = {}
        for siglum, name in person.names:
            parts = parts_of(name)
            if len(parts) == len(parts_of(person.name)) > 1 and all(len(part) > 1 for part in parts):
                spelled.setdefault(parts, []).append((name, siglum))
        if len(spelled) < 2:
            continue
        readings = [
            Reading(
                own[0][0],
                sigla := tuple(dict.fromkeys(s for _, s in own)),
                sum(map(weights.__getitem__, sigla)),
            )
            for own in spelled.values()
        ]
        readings.sort(key=lambda reading: (reading.text != person.name, -reading.weight))
        lemma, *others = readings
        reason = (
            f"{decimal(lemma.weight)} for it, {decimal(others[0].weight)} for the strongest other; taken for "
            "one person, as the names are nearly spelled alike"
        )
        made.append(Decision("claim", f"person: {person.name}", Variation(lemma, tuple(others)), reason))
    return made


def _mentions(witness: Witness, by_file: str | None) -> list[tuple[str, str | None]]:
    source = witness.weighted.source
    found = [(printable(c.value), c.qualifier) for c in source.claims if c.field is ClaimField.PERSON]
    if source.source_type is SourceType.TRANSCRIPT:
        found += dict.fromkeys((printable(u.speaker), None) for u in source.utterances if u.speaker)
    if by_file:
        found.append((by_file, None))
    return [(name, role) for name, role in found if name]


def _told_by(name: str) -> Parts:
    """The parts of a name by which it is known again, however it is accented."""
    return tuple(map(bare, parts_of(name)))


def _speaking(witnesses: Sequence[Witness]) -> AbstractSet[Mention]:
    """Give whom transcripts have speak."""
    return {
        (witness.siglum, printable(utterance.speaker))
        for witness in witnesses
        for utterance in witness.weighted.source.utterances
        if utterance.speaker
    }


def _joined(people: list[_Someone]) -> list[_Someone]:
    """Join each short name with the one fuller name that it can stand for, if there is just one."""
    known = _Directory()
    joined: set[int] = set()
    for someone in sorted(people, key=lambda someone: (-len(someone.parts), -len(someone.parts[0]))):
        if someone.is_label:
            continue
        if fuller := known.meant_by(someone):
            fuller.take_in(someone)
            joined.add(id(someone))
        else:
            known.add(someone)
    return [someone for someone in people if id(someone) not in joined]


def _with_variants(people: list[_Someone]) -> list[_Someone]:
    """Join those whose full names are nearly spelled alike, the lighter with the heavier."""
    nearby: dict[Parts, list[_Someone]] = {}
    for someone in people:
        if len(someone.parts) > 1 and not someone.is_label and all(len(part) > 1 for part in someone.parts):
            nearby.setdefault(tuple(plain(part)[:1] for part in someone.parts), []).append(someone)
    joined: set[int] = set()
    for group in nearby.values():
        group.sort(key=lambda someone: -sum(someone.weights.values()))
        for one, other in combinations(group, 2) if len(group) <= _CROWD else ():
            if id(one) not in joined and id(other) not in joined and _may_be_one(one, other):
                one.take_in(other)
                joined.add(id(other))
    return [someone for someone in people if id(someone) not in joined]


def _may_be_one(one: _Someone, other: _Someone) -> bool:
    """Whether two may be one person: nobody has both, nor gives them other parts; and the names are alike."""
    own, its = ({part for role in each.roles if (part := part_of(role))} for each in (one, other))
    sigla = {siglum for siglum, _ in one.names}
    return (
        sigla.isdisjoint(siglum for siglum, _ in other.names)
        and not (own and its and own.isdisjoint(its))
        and are_alike(one.parts, other.parts)
    )


def _with_parts(people: list[_Someone], speaking: AbstractSet[Mention]) -> list[_Someone]:
    """Join a label that means a part with whom others name in it, if there is just one such person."""
    named: dict[str, list[_Someone]] = {}
    for someone in people:
        for part in {part_of(role) or "" for role in someone.roles if not someone.is_label}:
            named.setdefault(part, []).append(someone)
    joined: set[int] = set()
    for label in people:
        parts = [part for part in {part_of(name) for _, name in label.names} if part and label.is_label]
        meant = named.get(parts[0], []) if len(parts) == 1 else []
        if len(meant) == 1:
            by_name = {siglum for siglum, _ in meant[0].names.keys() & speaking}
            if by_name.isdisjoint(siglum for siglum, _ in label.names):
                meant[0].names |= label.names
                joined.add(id(label))
    return [someone for someone in people if id(someone) not in joined]


class _Directory:
    """People by the parts of their names: each name is compared with the few that it may stand for."""

    def __init__(self) -> None:
        self._by_end: dict[str, tuple[_Someone, ...]] = {}  # small, as there is one for each name

    def add(self, someone: _Someone) -> None:
        letters = "".join(part[0] for part in someone.parts)
        ends = {someone.parts[0], someone.parts[-1], letters}
        if len(someone.parts) == 1 and is_undivided(name := someone.parts[0]):
            ends.update(part for at in range(1, len(name[:_CROWD])) for part in (name[:at], name[at:]))
        for end in ends:
            place = self._by_end.get(end, ())
            if len(place) <= _CROWD:
                self._by_end[end] = (*place, someone)

    def meant_by(self, short: _Someone) -> _Someone | None:
        """Find the one person whom a name can mean; nobody, where it can mean several."""
        letters = initials(short.parts, short.weights)
        nearby = self._by_end.get(letters or short.parts[-1], ())
        meant = [o for o in nearby if stands_for(short.parts, letters, o.parts, o.weights)]
        if is_undivided(short.parts[0]):  # "林" beside "林田" is another
            sigla = {siglum for siglum, _ in short.names}
            meant = [o for o in meant if sigla.isdisjoint(siglum for siglum, _ in o.names)]
        return meant[0] if len(meant) == 1 and len(nearby) <= _CROWD else None


def _best_name(someone: _Someone) -> str:
    """Choose the name with most parts written out, and with its capitals; of those, the heaviest.

    Each part weighs as much as all who spell it so.
    """
    if len(someone.weights) == 1:
        return next(iter(someone.weights))
    spelled: Counter[str] = Counter()
    for name, weight in someone.weights.items():
        spelled.update(dict.fromkeys(parts_of(name), weight))

    def rank(name: str) -> tuple[int, bool, int, int, str]:
        parts = parts_of(name)
        undivided = len(parts[0]) * is_undivided(parts[0])
        written_out = undivided or sum(len(part) > 1 for part in parts)
        weight = sum(map(spelled.__getitem__, parts))
        return written_out, not name.islower(), weight, someone.weights[name], name

    return max(someone.weights, key=rank)


def _keys(people: Sequence[_Someone]) -> list[str]:
    names = Names()
    return [names.unique(xml_id("sp", "-".join(someone.parts))) for someone in people]
