"""The transcript as a text to read: plain, in Markdown, and as the podcast namespace has it and its chapters.

Its forms: https://github.com/Podcastindex-org/podcast-namespace, transcripts.md and jsonChapters.md.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

import msgspec

from episodic.canonical.editing.addresses import clock
from episodic.canonical.tei.reader import Spoken
from episodic.canonical.text.patterns import pattern
from episodic.publishing.cues import Cue
from episodic.publishing.provenance import Provenance


def text(utterances: Iterable[Spoken]) -> str:
    """Render as plain text: a line an utterance, its speaker named where the speaker changes.

    A dash begins the words of a speaker without a name.

    Returns
    -------
    Text that ends in a line feed, or nothing when there are no utterances.
    """
    lines: list[str] = []
    speaker: str | None = None
    for spoken in utterances:
        changed = spoken.speaker is not None and spoken.speaker != speaker
        lines.append(f"{spoken.speaker}: {spoken.text}" if changed else _dashed(spoken))
        speaker = spoken.speaker
    return "".join(f"{line}\n" for line in lines)


def word_document(text: str) -> bytes:
    """Put a plain text into a Word document, a paragraph a line, as people do to correct it."""
    import docx

    document, content = docx.Document(), io.BytesIO()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(content)
    return content.getvalue()


def markdown(
    utterances: Sequence[Spoken], chapters: Sequence[tuple[float, str]], provenance: Provenance
) -> str:
    """Render as Markdown: the title, and under each chapter what each person says, a paragraph an utterance.

    A name in bold and the time stand before what somebody says, the time also where it begins a paragraph.
    """
    head = msgspec.json.encode(provenance.title).decode()
    blocks = [f"---\ngenerator: {provenance.mark}\ntitle: {head}\n---", f"# {_literal(provenance.title)}"]
    left = list(chapters)
    speaker: str | None = None
    for said in utterances:
        while left and said.start is not None and left[0][0] <= said.start:
            blocks.append(f"## {_literal(left.pop(0)[1])}")
            speaker = None
        when = "" if said.start is None else f"[{clock(said.start)}] "
        changed = said.speaker is not None and (said.speaker != speaker or said.turn)
        who = f"**{_literal(said.speaker)}:** " if said.speaker and changed else "\\- " if said.turn else ""
        blocks.append(f"{when}{who}{_literal(said.text)}")
        speaker = said.speaker
    return "".join(f"{block}\n\n" for block in blocks).removesuffix("\n")


def podcast_json(cues: Iterable[Cue], provenance: Provenance) -> bytes:
    """Render as the podcast namespace's JSON: segments of a cue each."""
    return _json(provenance, version="1.0.0", segments=[_segment(cue) for cue in cues])


def _segment(cue: Cue) -> dict[str, object]:
    speaker = {"speaker": cue.speaker} if cue.speaker else {}
    return {**speaker, "startTime": cue.start / 1000, "endTime": cue.end / 1000, "body": cue.text}


def chapters_json(chapters: Iterable[tuple[float, str]], provenance: Provenance) -> bytes:
    """Render as the podcast namespace's JSON of chapters; times are seconds."""
    listed = [{"startTime": start, "title": title} for start, title in chapters]
    return _json(provenance, version="1.2.0", title=provenance.title, chapters=listed)


def _json(provenance: Provenance, **document: object) -> bytes:
    encoded = msgspec.json.encode({"generator": provenance.mark, **document})
    return msgspec.json.format(encoded, indent=2) + b"\n"


def podcast_html(utterances: Iterable[Spoken], provenance: Provenance) -> str:
    """Render as the podcast namespace's HTML: ``cite``, ``time`` and ``p`` in turn, and nothing else."""
    language = f' lang="{escape(provenance.language)}"' if provenance.language else ""
    return (
        f'<!doctype html>\n<html{language}>\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="generator" content="{escape(provenance.mark)}">\n'
        f"<title>{escape(provenance.title)}</title>\n</head>\n<body>\n"
        f"{''.join(f'{line}\n' for line in _html_lines(utterances))}</body>\n</html>\n"
    )


def _html_lines(utterances: Iterable[Spoken]) -> Iterator[str]:
    for said in utterances:
        if said.speaker:
            yield f"<cite>{escape(said.speaker)}:</cite>"
        if said.start is not None:
            yield f"<time>{clock(said.start)}</time>"
        yield f"<p>{escape(_dashed(said), quote=False)}</p>"


def _dashed(spoken: Spoken) -> str:
    return f"- {spoken.text}" if spoken.turn else spoken.text


# What is markup wherever it stands, and what begins a block: a heading, a quotation, an item of a list.
_INLINE: Final = pattern(r"[\\`*_<\[]|&(?=#?\w+;)")
_STARTS: Final = frozenset("#>+=~-")
_NUMBERED: Final = pattern(r"(\d{1,9})[.)](?:\s|$)")


def _literal(text: str) -> str:
    """Escape what Markdown would take for markup."""
    escaped = _INLINE.sub(r"\\\g<0>", text)
    if escaped and escaped[0] in _STARTS:
        return f"\\{escaped}"
    if numbered := _NUMBERED.match(escaped):
        return f"{numbered[1]}\\{escaped[numbered.end(1) :]}"
    return escaped
