"""The text: the transcript with its apparatus, the prose, and what stands off from them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from episodic.canonical.document import (
    CanonicalDocument,
    CanonicalPassage,
    CanonicalUtterance,
    Division,
    PassageReading,
    PassageVariation,
    Resolution,
    Witness,
)
from episodic.canonical.sources import ClaimField, PassageKind, SourceType
from episodic.canonical.tei.elements import (
    ID,
    TURN,
    Element,
    append_list,
    by,
    child,
    pointers,
    quoted,
    uri,
    write_text,
)
from episodic.canonical.tei.header import language_tag
from episodic.canonical.tei.timeline import Clock
from episodic.canonical.tokens import printable, tokenize

_LINKS = (ClaimField.LINK, ClaimField.TRANSCRIPT, ClaimField.CHAPTERS)


type Clocks = Mapping[str, Clock]


def witness_clocks(resolution: Resolution) -> Clocks:
    """Make the clock of every transcript witness that has words, by siglum."""
    clocks: dict[str, Clock] = {}
    for witness in resolution.witnesses:
        source = witness.weighted.source
        if source.source_type is SourceType.TRANSCRIPT and any(printable(u.text) for u in source.utterances):
            times = (time for u in source.utterances for time in (u.start, u.end))
            clocks[witness.siglum] = Clock(f"{witness.siglum}.t", times)
    return clocks


def write_body(parent: Element, document: CanonicalDocument, clocks: Clocks) -> None:
    """Add the ``text``."""
    text = child(parent, "text", xml_lang=language_tag(document.language))
    body = child(text, "body")
    if document.transcript:
        _TranscriptWriter(document, clocks).write(body)
    for division in document.divisions:
        _write_division(body, division)
    if not len(body):
        child(body, "p")  # a body is never empty


def write_stand_off(parent: Element, resolution: Resolution, clocks: Clocks) -> None:
    """Add the bounds, speakers and times of every transcript witness, chapters and links."""
    people = {pair: person.key for person in resolution.document.people for pair in person.names}
    stand_off = child(parent, "standOff")
    for witness in resolution.witnesses:
        if clock := clocks.get(witness.siglum):
            _write_witness_utterances(stand_off, witness, people, clock)
    _write_chapters(stand_off, resolution.document)
    _write_links(stand_off, resolution.document)
    if not len(stand_off):
        parent.remove(stand_off)


class _TranscriptWriter:
    """Writes the transcript, linking the parts of utterances that are split."""

    def __init__(self, document: CanonicalDocument, clocks: Clocks) -> None:
        self._document = document
        self._clocks = clocks
        self._clock = Clock("t", _times(document.transcript))
        self._last: dict[str, Element] = {}  # the last element of each witness, which the next may continue
        self._split = 0

    def write(self, body: Element) -> None:
        base = self._document.base
        division = child(body, "div", type="transcript", source=f"#{base}", xml_space="preserve")
        self._clock.write(division)
        for part in self._document.transcript:
            if isinstance(part, PassageVariation):
                app = child(division, "app", type=part.difference.value, n=part.address)
                self._write_reading(app, "lem", part.lemma, **by(part.verdict))
                for other in part.others:
                    self._write_reading(app, "rdg", other)
            else:
                self._write_utterance(division, part, self._clock)

    def _write_reading(self, app: Element, name: str, reading: PassageReading, **beyond: str) -> None:
        element = child(
            app, name, wit=pointers(reading.sigla), n=str(reading.weight), cause=reading.cause, **beyond
        )
        for utterance in reading.utterances:
            clock = self._clock if name == "lem" else self._clocks[utterance.siglum]
            self._write_utterance(element, utterance, clock)

    def _write_utterance(self, parent: Element, utterance: CanonicalUtterance, clock: Clock) -> None:
        element = child(
            parent,
            "u",
            who=f"#{utterance.speaker}" if utterance.speaker else None,
            start=clock.pointer(utterance.start),
            end=clock.pointer(utterance.end),
            source=f"#{utterance.siglum}",
            rend=TURN if utterance.turn else None,
        )
        moments = [(at, clock.pointer(time)) for at, time in utterance.moments]
        write_text(element, utterance.text, moments)
        if utterance.continues and (last := self._last.get(utterance.siglum)) is not None:
            element.set("prev", f"#{self._name(last)}")
            last.set("next", f"#{self._name(element)}")
        self._last[utterance.siglum] = element

    def _name(self, element: Element) -> str:
        """Give an element an id, if it has none."""
        if not element.get(ID):
            self._split += 1
            element.set(ID, f"u{self._split}")
        return element.attrib[ID]


def _times(parts: Iterable[CanonicalUtterance | PassageVariation]) -> Iterator[float | None]:
    for part in parts:
        if isinstance(part, PassageVariation):
            yield from _times(part.lemma.utterances)
        else:
            yield part.start
            yield part.end
            yield from (time for _, time in part.moments)


def _write_witness_utterances(
    stand_off: Element, witness: Witness, people: Mapping[tuple[str, str], str], clock: Clock
) -> None:
    """Say where each utterance of a witness lies in the text that is read back under its siglum."""
    siglum = witness.siglum
    utterances = witness.weighted.source.utterances
    clock.write(stand_off, source=f"#{siglum}")
    blocks: list[str] = []
    tokens = tokenize(u.text for u in utterances)
    token = character = 0
    for utterance, length in zip(utterances, tokens.lengths, strict=True):
        size = sum(map(len, tokens.forms[token : token + length]))
        person = people.get((siglum, printable(utterance.speaker or "")))
        pointing = (
            ("who", f"#{person}" if person else None),
            ("start", clock.pointer(utterance.start)),
            ("end", clock.pointer(utterance.end)),
        )
        own = "".join(f' {name}="{pointer}"' for name, pointer in pointing if pointer)
        turn = f' rend="{TURN}"' if utterance.turn else ""
        where = f"n={quoted(utterance.where)}"
        place = f'corresp="#string-range({siglum},{character},{size})"'
        blocks.append(f"<annotationBlock{own} {where} {place}{turn}/>")
        token += length
        character += size
    append_list(stand_off, "listAnnotation", blocks, type="utterances", source=f"#{siglum}")


def _write_division(body: Element, division: Division) -> None:
    outer = child(body, "div", type=division.source_type.value, source=f"#{division.siglum}")
    if division.source_type is SourceType.TRANSCRIPT:
        outer.set("subtype", "prose")
    stack: list[tuple[int, Element]] = [(0, outer)]
    for is_list, group in groupby(division.passages, key=lambda p: p.kind is PassageKind.LIST_ITEM):
        if is_list:
            listed = child(stack[-1][1], "list")
            for passage in group:
                _write_passage(listed, "item", passage)
            continue
        for passage in group:
            if passage.kind is PassageKind.HEADING:
                while len(stack) > 1 and stack[-1][0] >= passage.level:
                    stack.pop()
                section = child(stack[-1][1], "div", n=str(passage.level))
                stack.append((passage.level, section))
                _write_passage(section, "head", passage)
            else:
                _write_passage(stack[-1][1], "p", passage)


def _write_passage(parent: Element, name: str, passage: CanonicalPassage) -> None:
    element = child(
        parent,
        name,
        xml_id=passage.key,
        source=pointers(passage.sigla),
        corresp=f"#{passage.stands_at}" if passage.stands_at else None,
        n=str(passage.level) if passage.level and name == "item" else None,
    )
    write_text(element, passage.text)


def _write_chapters(stand_off: Element, document: CanonicalDocument) -> None:
    """Add the chapters; the number of each is the second at which it begins."""
    chapters = [s for s in document.statements if s.field is ClaimField.CHAPTER]
    if not chapters:
        return
    listed = child(stand_off, "list", type="chapters")
    for statement in chapters:
        variation = statement.variation
        contested = bool(variation.others or variation.verdict)
        source = None if contested else pointers(variation.lemma.sigla)
        item = child(listed, "item", source=source, n=statement.qualifier)
        write_text(child(item, "seg", type="chapter"), (variation if contested else variation.lemma.text,))


def _write_links(stand_off: Element, document: CanonicalDocument) -> None:
    links = [s for s in document.statements if s.field in _LINKS]
    soundbites = [s for s in document.statements if s.field is ClaimField.SOUNDBITE]
    if not links and not soundbites:
        return
    listed = child(stand_off, "list", type="links")
    for statement in links:
        lemma = statement.variation.lemma
        item = child(listed, "item", source=pointers(lemma.sigla))
        child(
            item, "ref", statement.qualifier or lemma.text, type=statement.field.value, target=uri(lemma.text)
        )
    for statement in soundbites:
        lemma = statement.variation.lemma
        item = child(listed, "item", source=pointers(lemma.sigla))
        child(item, "seg", statement.qualifier or "", type=statement.field.value, n=lemma.text)
