"""Parts of a document that the reader of texts and the reader of values both need, each read here only."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from episodic.canonical.document import Authority, Difference, Reading, Variation, Verdict
from episodic.canonical.tei.elements import EDITORIAL, ID, TEI, Element

_ANCHOR: Final = f"{TEI}anchor"
_DIVISIONS: Final = f"{TEI}text/{TEI}body/{TEI}div"


def divisions(root: Element) -> Iterator[Element]:
    """Yield the parts of the text, one for the transcript and one for each witness that has prose."""
    return root.iterfind(_DIVISIONS)


def is_transcript(division: Element) -> bool:
    """Tell whether a part of the text is the canonical transcript."""
    return division.get("type") == "transcript" and division.get("subtype") is None


@lru_cache(1 << 12)  # in a document, few differ
def sigla(pointers: str | None) -> tuple[str, ...]:
    """Read the sigla that pointers point to."""
    return tuple(pointer.removeprefix("#") for pointer in (pointers or "").split())


def owner(anchor: Element) -> str | None:
    """Read whose cue begins or ends at an anchor, as a pointer; ``None`` where it times the accepted text."""
    siglum, has_own_clock, _ = anchor.get("synch", "").partition(".")
    return anchor.get("source") or (siglum if has_own_clock else None)


def timelines(root: Element) -> dict[str, float]:
    """Read all timelines: seconds by pointer."""
    whens = root.iter(f"{TEI}when")
    return {f"#{when.attrib[ID]}": float(when.get("interval", "0")) for when in whens if when.get(ID)}


def moments(utterance: Element, times: Mapping[str, float]) -> Iterator[tuple[int, float]]:
    """Read the moments of an utterance: after how many characters of its accepted text, and seconds."""
    at = len(utterance.text or "")
    for inner in utterance:
        if inner.tag == _ANCHOR:
            if owner(inner) is None:
                yield at, times[inner.get("synch", "")]
        else:
            at += sum(map(len, inner[0].itertext()))
        at += len(inner.tail or "")


def editors(root: Element) -> dict[str, str]:
    """Read who decided something: names by key."""
    statements = root.iterfind(f"{TEI}teiHeader/{TEI}fileDesc/{TEI}titleStmt/{TEI}respStmt")
    return {
        each.attrib[ID]: each.findtext(f"{TEI}name", "")
        for each in statements
        if each.findtext(f"{TEI}resp") == EDITORIAL
    }


def variation(app: Element, names: Mapping[str, str]) -> Variation:
    """Read an entry of the apparatus, with the editor among `names` who overruled the vote."""
    lemma, *others = (Reading("".join(each.itertext()), *vote(each)) for each in app)
    return Variation(lemma, tuple(others), difference(app), app.get("n"), verdict(app[0], names))


def vote(reading: Element) -> tuple[tuple[str, ...], int, str | None]:
    """Read who has a reading, with how many thousandths of the vote, and why.

    A former version's documents have the weight itself.
    """
    share, weight = reading.get("cert"), reading.get("n", "0")
    return (
        sigla(reading.get("wit")),
        int(weight) if share is None else round(1000 * float(share)),
        reading.get("cause"),
    )


def difference(app: Element) -> Difference:
    """Read how the readings of an entry differ."""
    return Difference(app.get("type", "substantive"))


def verdict(lemma: Element, names: Mapping[str, str]) -> Verdict | None:
    """Read who made a lemma, where it was not the vote; the reason is in the store alone."""
    editor = lemma.get("resp", "").removeprefix("#")
    authority = lemma.get("type")
    if editor not in names or authority is None:
        return None
    return Verdict(Authority(authority), editor, names[editor])
