"""A text that somebody corrected: what it says, and what it says of itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Final

from episodic import settings
from episodic.canonical.errors import SourceError
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import ends_sentence
from episodic.cli.interrupts import finished

if TYPE_CHECKING:  # lxml loads when documents are read
    from episodic.canonical.tei.reader import Spoken, TeiDocument

_HEAD: Final = 4096
_MARK: Final = pattern(rb"\bEpisodic (?P<episode>[^\s\"<]+/[^\s\"<]+) revision (?P<number>\d+)")
_TEI: Final = pattern(rb"\s*+(?:(?><\?.*?\?>|<!--.*?-->)\s*+)*+<TEI\b", re.DOTALL)
_NEW: Final = pattern(r"([^\W\d_a-z][^:.?!,]{0,40}): (?=\S)")  # a name in front of words
_LONGEST: Final = 200  # characters of a name


@dataclass(frozen=True, slots=True)
class CorrectedText:
    """A corrected text: what it says, and what it says of itself."""

    utterances: Sequence[Spoken]
    title: str | None = None
    episode: str | None = None
    revision: int | None = None


def load(path: str) -> bytes:
    """Read a file as a source is read, which may be anything; raises `SourceError`."""
    from episodic.canonical.normalizers.files import path_source

    async def loaded() -> bytes:
        return await path_source(path, limits=settings.load().limits).load()

    return finished(loaded())


def read_corrected(path: str, data: bytes) -> CorrectedText:
    """Read a corrected text, also one that bears our mark; raises `SourceError`."""
    from episodic.canonical.normalizers.files import GivenBytes
    from episodic.canonical.sources import RawSource, SourceType
    from episodic.canonical.tei.reader import Spoken, read

    if _TEI.match(data):
        document = read(data)
        return CorrectedText(document.utterances(), document.title, revision=_newest_change(document))
    mark = _MARK.search(data[:_HEAD])
    if mark is None and path.lower().endswith(".txt") and data.strip():
        # As 'show' writes it: a line an utterance.
        lines = data.decode("utf-8-sig", errors="replace").splitlines()
        return CorrectedText([Spoken(line.strip()) for line in lines if line.strip()])
    hints = {"format": own} if (own := _own_format(path, data[:_HEAD])) else {}

    async def normalize() -> CorrectedText:
        from episodic.canonical.normalizers.normalizer import SourceNormalizer

        normalizer = SourceNormalizer(settings.load().limits)
        try:
            source = await normalizer.normalize(
                RawSource(path, GivenBytes(data), SourceType.TRANSCRIPT, hints)
            )
        finally:
            normalizer.close()
        if not source.utterances:
            raise SourceError(path, "has nothing that anybody says; export it with 'episodic show' first")
        titles = [claim.value for claim in source.claims if claim.field == "title"]
        return CorrectedText(
            [Spoken(u.text, u.speaker, u.start, u.end, turn=u.turn) for u in source.utterances],
            titles[0] if titles and mark else None,
            mark and mark["episode"].decode(errors="replace"),
            mark and int(mark["number"]),
        )

    return finished(normalize())


def _own_format(path: str, head: bytes) -> str | None:
    """The format of what bears our mark, which as a source would be refused."""
    from episodic.canonical.normalizers.detection import is_own

    if not is_own(head):
        return None
    start = head.lstrip()
    if start.startswith(b"WEBVTT"):
        return "webvtt"
    if start.startswith(b"---"):
        return "markdown"
    if b'"segments"' in head:
        return "podcast-json"
    if b"<cite>" in head or b"<time>" in head:
        return "podcast-html"
    raise SourceError(path, "is no text to correct; export Markdown, captions, text or TEI")


def _newest_change(document: TeiDocument) -> int | None:
    """The revision that a document says that it is."""
    from episodic.canonical.tei.elements import TEI

    numbers = [element.get("n", "") for element in document.root.iter(f"{TEI}change")]
    return max((int(number) for number in numbers if number.isdecimal()), default=None)


def with_speakers(
    utterances: Sequence[Spoken], names: Sequence[str], seen: Sequence[Spoken]
) -> Iterator[Spoken]:
    """Find the names of the episode's people in what was read, and nobody else's where they are words.

    A reader of any text cannot know them: where captions name somebody once, as in a monologue, a name looks
    like words, and where somebody says "Yeah." on a line of its own, words look like a name. After a name
    that it took for words, it holds on to the one before: there it counts who said these very words.
    """
    known = {name.casefold() for name in names}
    label = re.compile(rf"(?:^|(?<=\s))({'|'.join(map(re.escape, names)) or '(?!)'}): ")
    text = " ".join(said.text for said in seen)
    before_colons = {text[max(0, colon.start() - _LONGEST) : colon.end()] for colon in re.finditer(":", text)}

    @cache
    def is_said(name: str) -> bool:
        return any(before.endswith(f"{name}:") for before in before_colons)

    voices = {said.text: said.speaker for said in seen}
    speaker = held = None
    missed = False
    for said in utterances:
        who, words = said.speaker, said.text
        missed, held = missed and who == held, who
        if missed:
            who = voices.get(words, who)
        if who and who.casefold() not in known and (ends_sentence(who) or is_said(who)):
            who, words = None, f"{who}{'' if ends_sentence(who) else ':'} {words}"
        elif who is None and (new := _NEW.match(words)) and not is_said(new[1]):
            who, words = new[1], words[new.end() :]
        first, *rest = label.split(words)
        missed = missed or bool(rest)
        speaker = who or speaker
        if first.strip():
            yield replace(said, text=first.strip().removeprefix("- "), speaker=speaker)
        for name, spoken in batched(rest, 2, strict=True):
            speaker = name
            yield replace(said, text=spoken.strip(), speaker=name)
