"""Claims, decided per field.

Values that say the same vote together; each source has one vote a value. Where an episode can have
only one value, the heaviest wins; ties go to the value with the heavier single witness, then to the
earlier siglum. Elsewhere every value stands, and only its spelling is decided.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from episodic.canonical.document import Difference, Reading, Statement, Variation, Witness
from episodic.canonical.resolved import Decision
from episodic.canonical.sources import SINGLE_FIELDS, Claim, ClaimField, decimal
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import key, printable

_SECONDS: Final = pattern(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


@dataclass(slots=True)
class _Form:
    """One spelling of a value, with the weight of each witness that has it."""

    text: str
    weights: dict[str, int] = field(default_factory=dict[str, int])
    qualifier: str | None = None

    @property
    def weight(self) -> int:
        return sum(self.weights.values())

    def reading(self) -> Reading:
        return Reading(self.text, tuple(self.weights), self.weight)


def decide(witnesses: Sequence[Witness]) -> tuple[tuple[Statement, ...], tuple[Decision, ...]]:
    """Decide every field except people, who are merged elsewhere.

    Parameters
    ----------
    witnesses
        By falling weight.

    Returns
    -------
    The statements, in the order of the fields, and a decision for each field in which sources differ.
    """
    statements: list[Statement] = []
    decisions: list[Decision] = []
    for about in ClaimField:
        if about is ClaimField.PERSON:
            continue
        values = _values(witnesses, about)
        if not values:
            continue
        if about in SINGLE_FIELDS:
            made = [_single(about, values)]
        elif about is ClaimField.CHAPTER:
            made = [_single(about, _by_title(forms)) for forms in sorted(values, key=_start)]
        else:
            made = [Statement(about, _spelling(forms), forms[0].qualifier) for forms in values]
        statements += made
        decisions += [_decision(statement, len(made)) for statement in made if statement.variation.others]
    return tuple(statements), tuple(decisions)


def _values(witnesses: Sequence[Witness], about: ClaimField) -> list[list[_Form]]:
    """Group the claims about a field by value, and inside it by spelling; both by falling weight."""
    grouped: dict[str, dict[str, _Form]] = {}
    for witness in witnesses:
        for claim in witness.weighted.source.claims:
            text = printable(claim.value)
            if claim.field is not about or not text:
                continue
            if about is ClaimField.CHAPTER and not _SECONDS.fullmatch(claim.qualifier or ""):
                continue  # what begins nowhere is no chapter
            forms = grouped.setdefault(_identity(claim), {})
            form = forms.setdefault(text, _Form(text))
            form.qualifier = form.qualifier or claim.qualifier
            form.weights.setdefault(witness.siglum, witness.weighted.weight)
    # Stable: of equals, the one that the heavier witness has comes first, as witnesses come by weight.
    values = [sorted(forms.values(), key=lambda form: -form.weight) for forms in grouped.values()]
    trusted = {witness.siglum for witness in witnesses if witness.weighted.trusted}
    if about in SINGLE_FIELDS:
        values.sort(
            key=lambda forms: (
                not any(trusted & form.weights.keys() for form in forms),
                -_total(forms),
                -max(max(f.weights.values()) for f in forms),
            )
        )
    return values


def _start(forms: Sequence[_Form]) -> float:
    return float(forms[0].qualifier or 0)


def _by_title(forms: Sequence[_Form]) -> list[list[_Form]]:
    """The spellings of what begins at one time, by what they say; the heaviest title first."""
    titles: dict[str, list[_Form]] = {}
    for form in forms:
        titles.setdefault(key(form.text) or form.text, []).append(form)
    return sorted(
        titles.values(), key=lambda same: (-_total(same), -max(max(f.weights.values()) for f in same))
    )


def _total(forms: Sequence[_Form]) -> int:
    best: dict[str, int] = {}
    for form in forms:
        best |= form.weights
    return sum(best.values())


def _single(about: ClaimField, values: Sequence[Sequence[_Form]]) -> Statement:
    forms = [form for value in values for form in value]
    differ = Difference.SUBSTANTIVE if len(values) > 1 else Difference.ORTHOGRAPHIC
    winner = _preferred(about, values[0])
    others = tuple(form.reading() for form in forms if form is not winner)
    total = _total(values[0])
    lemma = Reading(winner.text, tuple(winner.weights), total)
    return Statement(about, Variation(lemma, others, differ), winner.qualifier)


def _preferred(about: ClaimField, forms: Sequence[_Form]) -> _Form:
    """Of the spellings of one value, take the heaviest, but of dates the most precise."""
    if about is ClaimField.PUBLISHED:
        return max(forms, key=lambda form: len(form.text))
    return forms[0]


def _spelling(forms: Sequence[_Form]) -> Variation:
    others = tuple(form.reading() for form in forms[1:])
    return Variation(forms[0].reading(), others, Difference.ORTHOGRAPHIC)


def _decision(statement: Statement, count: int) -> Decision:
    variation = statement.variation
    rivals = variation.others
    address = statement.field.value
    if count > 1:
        address = f"{address}: {variation.lemma.text}"
    if variation.difference is Difference.ORTHOGRAPHIC:
        reason = "the same value in other spellings"
    else:
        reason = (
            f"{decimal(variation.lemma.weight)} for it, "
            f"{decimal(max(rival.weight for rival in rivals))} for the strongest other"
        )
    return Decision("claim", address, variation, reason)


def _identity(claim: Claim) -> str:
    """Give what makes two values the same; of chapters, that they begin in the same second."""
    if claim.field is ClaimField.CHAPTER:
        return str(int(float(claim.qualifier or 0)))
    return _IDENTITIES.get(claim.field, key)(claim.value) or printable(claim.value)


def _instant(value: str) -> str:
    # A date and an instant on that date do not contradict each other.
    try:
        return datetime.fromisoformat(value.strip()).date().isoformat()
    except ValueError:
        return value


def _number(value: str) -> str:
    try:
        return str(round(float(value)))
    except ValueError, OverflowError:
        return key(value)


_IDENTITIES: dict[ClaimField, Callable[[str], str]] = {
    ClaimField.PUBLISHED: _instant,
    **dict.fromkeys(map(ClaimField, ("episode", "season", "duration")), _number),
    **dict.fromkeys(
        map(ClaimField, ("guid", "link", "media", "transcript", "chapters", "soundbite")), printable
    ),
}
