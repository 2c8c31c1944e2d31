"""Text with its apparatus, as markup: what an entry looks like, wherever it stands.

An entry of parallel segmentation is an `app` with one `lem` and any number of `rdg`, each with its witnesses
(`wit`) and its share of the vote (`cert`). An emendation is a `corr`, and what the witnesses have there is
`sic`.
"""

from collections.abc import Callable, Sequence

from episodic.canonical.document import (
    Authority,
    PassageReading,
    PassageVariation,
    Reading,
    Text,
    Variation,
    Verdict,
)
from episodic.canonical.tei.elements import escaped, pointers, quoted

# Makes markup of a text that the witnesses of these sigla have.
type Say = Callable[[str, Sequence[str]], str]


def markup(text: Text) -> str:
    """Give agreed text and entries as markup."""
    return "".join(escaped(part) if isinstance(part, str) else entry(part) for part in text)


def entry(variation: Variation, say: Say = lambda text, _: escaped(text)) -> str:
    """Give an entry as markup; `say` writes its texts."""
    verdict = variation.verdict
    if verdict is None or verdict.authority is Authority.DECISION:
        said = [say(reading.text, reading.sigla) for reading in variation.readings]
        return apparatus(variation, said)
    lemma, *others = variation.readings
    corrected = f'<corr resp="#{verdict.editor}">{escaped(lemma.text)}</corr>'
    return apparatus(
        variation, [corrected, *(f"<sic>{say(other.text, other.sigla)}</sic>" for other in others)]
    )


def apparatus(variation: Variation | PassageVariation, said: Sequence[str]) -> str:
    """Give an entry as markup, of which the readings' texts are markup already."""
    total = sum(reading.weight for reading in variation.readings)
    lemma, *others = (
        f"{_support(reading, total)}{by(variation.verdict) if number == 0 else ''}>{text}"
        for number, (reading, text) in enumerate(zip(variation.readings, said, strict=True))
    )
    address = "" if variation.address is None else f" n={quoted(variation.address)}"
    rest = "".join(f"<rdg{other}</rdg>" for other in others)
    return f'<app type="{variation.difference.value}"{address}><lem{lemma}</lem>{rest}</app>'


def by(verdict: Verdict | None) -> str:
    """Give the attributes that say who made a lemma, and by what right; none, when it was the vote."""
    return f' resp="#{verdict.editor}" type="{verdict.authority.value}"' if verdict else ""


def cert(reading: Reading | PassageReading, total: int) -> str | None:
    """Give a reading's share of the vote; ``None`` when it has none."""
    return f"{round(reading.weight / total, 3):g}" if reading.weight else None


def _support(reading: Reading | PassageReading, total: int) -> str:
    """Give the attributes that say who has a reading, with which share of the vote, and why."""
    wit = f' wit="{pointers(reading.sigla)}"' if reading.sigla else ""
    share = cert(reading, total)
    said = f' cert="{share}"' if share else ""
    cause = f' cause="{reading.cause}"' if reading.cause else ""
    return f"{wit}{said}{cause}"
