"""Editors' decisions about claims: the title, the date, a keyword, a person's name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.document import Authority, Difference, Person, Reading, Statement, Variation
from episodic.canonical.resolution.editors.rulings import Ruling
from episodic.canonical.resolved import Decision, Replay
from episodic.canonical.sources import SINGLE_FIELDS, ClaimField
from episodic.canonical.text.tokens import key

# What can be decided: the fields that the document holds as text. Addresses of those of which an episode has
# several go on with the value: ``keyword: packaging``, ``person: Ada Lovelace``.
_DECIDABLE: Final = (SINGLE_FIELDS - {ClaimField.GUID}) | {
    ClaimField.KEYWORD,
    ClaimField.CHAPTER,
    ClaimField.PERSON,
}


@dataclass(slots=True)
class Claims:
    """What the document states, and the decisions behind it, while editors overrule them."""

    statements: list[Statement]
    people: list[Person]
    decisions: list[Decision]


def overrule(claims: Claims, rulings: Sequence[Ruling]) -> list[Replay]:
    """Put editors' words in the place of what the vote made, and say what became of each decision."""
    replays: list[Replay] = []
    for ruling in rulings:
        decision = ruling.decision
        name, _, value = decision.address.partition(": ")
        about = next((each for each in _DECIDABLE if each == name), None)
        if about is None:
            reason = f"'{name}' is not a field that can be decided; there is {', '.join(sorted(_DECIDABLE))}"
        elif about is ClaimField.PERSON:
            reason = _name(claims, ruling, value)
        else:
            reason = _state(claims, ruling, about, value)
        replays.append(Replay(decision.id, None if reason else decision.address, reason))
    return replays


def _name(claims: Claims, ruling: Ruling, value: str) -> str | None:
    """Name a person; give a reason when there is none to name."""
    decision = ruling.decision
    wanted = {value, *(reading.text for reading in decision.readings)}
    for index, person in enumerate(claims.people):
        named = {person.name, *(name for _, name in person.names)}
        if not wanted & named:
            continue
        sigla = {name: tuple(s for s, own in person.names if own == name) for name in sorted(named)}
        readings = [Reading(name, own, 0) for name, own in sigla.items() if own]
        variation = overruled(readings, ruling, decision.address)
        claims.people[index] = replace(person, name=decision.text, verdict=variation.verdict)
        _record(claims, decision.address, variation)
        return None
    return f"nobody is called {value} any more"


def _state(claims: Claims, ruling: Ruling, about: ClaimField, value: str) -> str | None:
    """Make a statement; give a reason when there is none to overrule."""
    decision = ruling.decision
    wanted = {value, *(reading.text for reading in decision.readings)}
    for index, statement in enumerate(claims.statements):
        readings = statement.variation.readings
        if statement.field is not about or (
            about not in SINGLE_FIELDS and wanted.isdisjoint(reading.text for reading in readings)
        ):
            continue
        made = overruled(readings, ruling, decision.address)
        claims.statements[index] = replace(statement, variation=made)
        _record(claims, decision.address, made)
        return None
    if about not in SINGLE_FIELDS:
        return f"no source has this {about} any more"
    made = overruled((), ruling, decision.address)
    order = list(ClaimField)
    at = sum(order.index(statement.field) < order.index(about) for statement in claims.statements)
    claims.statements.insert(at, Statement(about, made))
    _record(claims, decision.address, made)
    return None


def overruled(readings: Sequence[Reading], ruling: Ruling, address: str) -> Variation:
    """Make an entry whose lemma an editor gave; where no witness has it, it is an emendation."""
    text, verdict = ruling.decision.text, ruling.verdict
    lemma = next((reading for reading in readings if reading.text == text), Reading(text, (), 0))
    others = tuple(reading for reading in readings if reading is not lemma)
    if not lemma.sigla:
        verdict = replace(verdict, authority=Authority.EMENDATION)
    heard = {key(reading.text) for reading in readings} | {key(text)}
    difference = Difference.ORTHOGRAPHIC if len(heard) == 1 else Difference.SUBSTANTIVE
    return Variation(lemma, others, difference, address, verdict)


def _record(claims: Claims, address: str, variation: Variation) -> None:
    """Put the decision in the place of the vote's."""
    verdict = variation.verdict
    assert verdict is not None
    texts = {reading.text for reading in variation.readings}
    about = address.partition(": ")[0]
    decision = Decision("claim", address, variation, verdict.reason)
    for index, voted in enumerate(claims.decisions):
        same_value = voted.variation.lemma.text in texts or voted.address == address
        if voted.address.partition(": ")[0] == about and same_value:
            claims.decisions[index] = decision
            return
    claims.decisions.append(decision)
