"""What editors decided, each decision read once: by whom it is, what it is about, and what its address names.

From here on nobody reads an address: a ruling goes one way, to its place in what was voted (`fields`,
`passages`, `places`) and on to what the document has there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.canonical.document import Authority, Editor, Verdict
from episodic.canonical.domain import EditorialDecision
from episodic.canonical.editing.additions import Addition, additions
from episodic.canonical.editing.addresses import Names, beside_of, label_of, span_of, turn_of, xml_id


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision that stands.

    Parameters
    ----------
    place
        An entry of the transcript by its address, or words near a time; ``None``: it names none.
    side
        ``before`` or ``after``, where turns are put in beside the place.
    turns
        Those.
    span
        Seconds between which somebody begins to speak; ``None`` behind the first: at that time.
    label
        That is said to mean a person.
    """

    decision: EditorialDecision
    verdict: Verdict
    place: str | None = None
    side: str | None = None
    turns: tuple[Addition, ...] = ()
    span: tuple[int, int | None] | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Rulings:
    """The decisions that stand, by what they are about, each kind in the order in which they were made.

    Parameters
    ----------
    editors
        All who decided or took back anything.
    words
        About the words of the transcript.
    labels, speakers
        About whom a label means, and about who speaks at a place.
    named
        Whom they name as speakers.
    """

    editors: tuple[Editor, ...]
    claims: tuple[Ruling, ...]
    prose: tuple[Ruling, ...]
    words: tuple[Ruling, ...]
    labels: tuple[Ruling, ...]
    speakers: tuple[Ruling, ...]
    named: tuple[str, ...]


def read(decisions: Sequence[EditorialDecision]) -> Rulings:
    """Read decisions, which come in the order in which they were made; those taken back are passed over."""
    names = sorted({name for each in decisions for name in (each.by, each.withdrawn_by or each.by)})
    keys = Names()
    editors = {name: Editor(keys.unique(xml_id("ed", name.casefold())), name) for name in names}
    rulings = [_ruling(decision, editors[decision.by]) for decision in decisions if decision.stands]
    of_kind = {
        kind: tuple(each for each in rulings if each.decision.kind == kind)
        for kind in ("claim", "prose", "transcript", "speaker")
    }
    speakers = of_kind["speaker"]
    named = [each.decision.text for each in speakers]
    named += [turn.speaker for each in rulings for turn in each.turns if turn.speaker]
    return Rulings(
        tuple(editors.values()),
        of_kind["claim"],
        of_kind["prose"],
        of_kind["transcript"],
        tuple(each for each in speakers if each.label is not None),
        tuple(each for each in speakers if each.label is None),
        tuple(named),
    )


def _ruling(decision: EditorialDecision, editor: Editor) -> Ruling:
    verdict = Verdict(Authority.DECISION, editor.key, decision.by, decision.note)
    address = decision.address
    if decision.kind == "speaker":
        return Ruling(decision, verdict, turn_of(address), span=span_of(address), label=label_of(address))
    if decision.kind == "transcript":
        side, place = beside_of(address) or (None, address)
        return Ruling(decision, verdict, place, side, additions(decision.text) if side else ())
    return Ruling(decision, verdict)
