"""The formats in which conversations are written: a function each, from turns to a file."""

import csv
import html
import io
import itertools
import json
import random
import re
import textwrap
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Final, NamedTuple

from episodic.canonical.text.tokens import is_unspaced
from tests.canonical.normalizers.engine_writers import ENGINE_WRITERS, NAMELESS_ENGINES, EngineWriter, Said
from tests.canonical.normalizers.talks import Language, Talk, Turn

type Writer = Callable[[random.Random, Talk, Language], str | bytes]


def _clock(seconds: float, mark: str = ".", digits: int = 3, *, hours: bool = True) -> str:
    whole = int(seconds)
    fraction = f"{seconds:.{digits}f}".partition(".")[2]
    front = f"{whole // 3600:02}:" if hours or whole >= 3600 else ""
    return f"{front}{whole // 60 % 60:02}:{whole % 60:02}" + (f"{mark}{fraction}" if digits else "")


def _spans(talk: Talk) -> list[tuple[float, float, Turn]]:
    return [(4.0 * number + 0.5, 4.0 * number + 4, turn) for number, turn in enumerate(talk)]


def _label(turn: Turn, language: Language) -> str:
    return f"{turn.speaker}{language.colon}" if turn.speaker else ""


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def webvtt_voices(chance: random.Random, talk: Talk, language: Language) -> str:
    cues = (
        f"{_clock(start)} --> {_clock(end)}\n"
        + (f"<v {turn.speaker}>" if turn.speaker else "")
        + _escaped(turn.text)
        for start, end, turn in _spans(talk)
    )
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def webvtt_labels(chance: random.Random, talk: Talk, language: Language) -> str:
    hours = chance.random() < 0.5
    cues = (
        f"{_clock(start, hours=hours)} --> {_clock(end, hours=hours)}\n"
        f"{_label(turn, language)}{_escaped(turn.text)}"
        for start, end, turn in _spans(talk)
    )
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _subrip(talk: Talk, payload: Callable[[Turn], str]) -> str:
    return "\n\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{payload(turn)}"
        for number, (start, end, turn) in enumerate(_spans(talk), 1)
    )


def subrip_labels(chance: random.Random, talk: Talk, language: Language) -> str:
    return _subrip(talk, lambda turn: _label(turn, language) + turn.text)


def subrip_brackets(chance: random.Random, talk: Talk, language: Language) -> str:
    opening, closing = chance.choice(("[]", "()") if "(" not in str(talk) else ("[]",))
    return _subrip(
        talk, lambda turn: (f"{opening}{turn.speaker}{closing} " if turn.speaker else "") + turn.text
    )


def subrip_above(chance: random.Random, talk: Talk, language: Language) -> str:
    return _subrip(
        talk, lambda turn: _label(turn, language).rstrip() + ("\n" if turn.speaker else "") + turn.text
    )


def subrip_bold(chance: random.Random, talk: Talk, language: Language) -> str:
    return _subrip(
        talk, lambda turn: (f"<b>{_label(turn, language).strip()}</b> " if turn.speaker else "") + turn.text
    )


def subrip_two_lines(chance: random.Random, talk: Talk, language: Language) -> str:
    def broken(turn: Turn) -> str:
        words = turn.text.split(" ")
        middle = len(words) // 2
        parts = [" ".join(words[:middle]), " ".join(words[middle:])]
        return _label(turn, language) + "\n".join(filter(None, parts))

    return _subrip(talk, broken)


def subrip_sticky(chance: random.Random, talk: Talk, language: Language) -> str:
    """Who goes on speaking is not named again."""
    before = [None, *(turn.speaker for turn in talk)]
    shown = [
        Turn(None, turn.text if turn.speaker == last else _label(turn, language) + turn.text)
        for turn, last in zip(talk, before, strict=False)
    ]
    return _subrip(shown, lambda turn: turn.text)


class _Step(NamedTuple):
    """One of the cues in which a turn is shown: its times, its pieces, and how many have been said before."""

    start: float
    end: float
    pieces: Sequence[str]
    said: int


def _steps(talk: Talk) -> list[_Step]:
    """Word by word, or two characters at a time where there is nothing between words."""
    steps: list[_Step] = []
    for start, end, turn in _spans(talk):
        unspaced = all(is_unspaced(char) for char in turn.text if char.isalpha())
        pieces = re.findall(r"\S{1,2}\s*" if unspaced else r"\S+\s*", turn.text)
        each = (end - start) / len(pieces)
        steps += [_Step(start + each * at, start + each * (at + 1), pieces, at) for at in range(len(pieces))]
    return steps


def karaoke(chance: random.Random, talk: Talk, language: Language) -> str:
    """Each cue again for each word, which is underlined, as ``whisper --highlight_words`` does."""

    def shown(step: _Step) -> str:
        before, piece, after = (
            _escaped("".join(part))
            for part in (step.pieces[: step.said], step.pieces[step.said], step.pieces[step.said + 1 :])
        )
        return f"{before}<u>{piece.rstrip()}</u>{piece[len(piece.rstrip()) :]}{after}"

    cues = (f"{_clock(step.start)} --> {_clock(step.end)}\n{shown(step)}" for step in _steps(talk))
    return "WEBVTT\n\n" + "\n\n".join(cues)


def growing(chance: random.Random, talk: Talk, language: Language) -> str:
    """Each cue with a word more."""
    return "WEBVTT\n\n" + "\n\n".join(
        f"{_clock(step.start)} --> {_clock(step.end)}\n"
        + _escaped("".join(step.pieces[: step.said + 1])).rstrip()
        for step in _steps(talk)
    )


def rolling(chance: random.Random, talk: Talk, language: Language) -> str:
    """The line before above each, as YouTube's automatic captions have it."""
    above = ""
    cues: list[str] = []
    for start, end, turn in _spans(talk):
        line = _escaped(turn.text.replace("\n", " "))
        cues.append(f"{_clock(start)} --> {_clock(end)} align:start position:0%\n{above or ' '}\n{line}")
        cues.append(f"{_clock(end)} --> {_clock(end + 0.01)} align:start position:0%\n{line}\n ")
        above = line
    return "WEBVTT\nKind: captions\nLanguage: en\n\n" + "\n\n".join(cues)


def sbv(chance: random.Random, talk: Talk, language: Language) -> str:
    return "\n\n".join(
        f"{_clock(start)},{_clock(end)}\n{_label(turn, language)}{turn.text}"
        for start, end, turn in _spans(talk)
    )


def lrc(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = (
        f"[{_clock(start, digits=2, hours=False)}]{_label(turn, language)}{turn.text.replace('\n', ' ')}"
        for start, _, turn in _spans(talk)
    )
    return "[ti:Light]\n" + "\n".join(lines)


def ttml(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = "".join(
        f'<p begin="{_clock(start)}" end="{_clock(end)}">{_escaped(_label(turn, language) + turn.text)}</p>'
        for start, end, turn in _spans(talk)
    )
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{lines}</div></body></tt>'


def ass(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = "".join(
        f"Dialogue: 0,{_clock(start, digits=2)[1:]},{_clock(end, digits=2)[1:]},Default,"
        f"{turn.speaker or ''},0,0,0,,{turn.text.replace('\n', '\\N')}\n"
        for start, end, turn in _spans(talk)
    )
    fields = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
    return f"[Script Info]\nTitle: x\n\n[Events]\nFormat: {fields}\n{lines}"


def _rows(chance: random.Random, talk: Talk, divider: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=divider)
    writer.writerow(["start", "end", "speaker", "text"])
    for start, end, turn in _spans(talk):
        writer.writerow([_clock(start), _clock(end), turn.speaker or "", turn.text])
    return out.getvalue()


def table_csv(chance: random.Random, talk: Talk, language: Language) -> str:
    return _rows(chance, talk, chance.choice(",;"))


def table_tsv(chance: random.Random, talk: Talk, language: Language) -> str:
    return _rows(chance, talk, "\t")


def stamped(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("[{}] ", "{} ", "({}) ", "{}\n", "{} - "))
    end = chance.choice(("\n", "\n\n"))
    return "".join(
        f"{shape.format(_clock(start, digits=0))}{_label(turn, language)}{turn.text}{end}"
        for start, _, turn in _spans(talk)
    )


def ranged(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("[{} - {}] ", "{} --> {} ", "[{} \u2192 {}] ", "{} - {}\n"))
    return "".join(
        shape.format(_clock(start, digits=0), _clock(end, digits=0))
        + f"{_label(turn, language)}{turn.text}\n\n"
        for start, end, turn in _spans(talk)
    )


def otter(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(
        (
            *(
                "{0}  {1}\n",
                "{0} ({1}):\n",
                "{0} [{1}]\n",
                "{0}, {1}\n",
                "{0}: ({1})\n",
                "{0}\n{1}\n",
                "{1}\n{0}\n",
            ),
            *(
                "{1}\n{0}: ",
                "[{1}] {0}\n",
                "{1} - {0}\n  ",
                "[{1}] - {0}\n",
                "{0} [{1}]: ",
                "{1} | {0}: ",
                "{0}: [{1}] ",
            ),
            *("{0} ({1})\n", "({1}) {0}: ", "{0} | {1}\n", "{1} {0}:\n"),
        )
    )
    return "".join(
        f"{shape.format(turn.speaker, _clock(start, digits=0, hours=False))}{turn.text}\n\n"
        if turn.speaker
        else f"{_clock(start, digits=0, hours=False)}\n{turn.text}\n\n"
        for start, _, turn in _spans(talk)
    )


def plain(chance: random.Random, talk: Talk, language: Language) -> str:
    end = chance.choice(("\n", "\n\n"))
    return "".join(f"{_label(turn, language)}{turn.text}{end}" for turn in talk)


def plain_above(chance: random.Random, talk: Talk, language: Language) -> str:
    colon = chance.choice(("", ":"))
    return "".join((f"{turn.speaker}{colon}\n" if turn.speaker else "") + f"{turn.text}\n\n" for turn in talk)


def _for_markdown(text: str) -> str:
    return re.sub(r"([*_<>#\[\]\\&])", r"\\\1", text)


def markdown_bold(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("**{}:** {}\n\n", "**{}**: {}\n\n", "**{}**\n\n{}\n\n", "__{}:__ {}\n\n"))
    return "# Light\n\n" + "".join(
        shape.format(turn.speaker, _for_markdown(turn.text))
        if turn.speaker
        else f"{_for_markdown(turn.text)}\n\n"
        for turn in talk
    )


def markdown_headings(chance: random.Random, talk: Talk, language: Language) -> str:
    return "# Light\n\n" + "".join(
        (f"### {turn.speaker}\n\n" if turn.speaker else "") + f"{_for_markdown(turn.text)}\n\n"
        for turn in talk
    )


def markdown_plain(chance: random.Random, talk: Talk, language: Language) -> str:
    front = "---\ntitle: 'Light: a lamp'\ndate: 2026-03-02\n---\n\n"
    return front + "".join(f"{_label(turn, language)}{_for_markdown(turn.text)}\n\n" for turn in talk)


def markdown_timed(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("**{}** ({}): {}\n\n", "**{}** [{}]\n\n{}\n\n", "**{} {}**\n\n{}\n\n"))
    return "".join(
        shape.format(turn.speaker, _clock(start, digits=0), _for_markdown(turn.text))
        if turn.speaker
        else f"{_clock(start, digits=0)}\n\n{_for_markdown(turn.text)}\n\n"
        for start, _, turn in _spans(talk)
    )


def page(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("<p><strong>{}:</strong> {}</p>", "<p><b>{}</b>: {}</p>", "<p>{}: {}</p>"))
    body = "\n".join(
        shape.format(turn.speaker, _escaped(turn.text)) if turn.speaker else f"<p>{_escaped(turn.text)}</p>"
        for turn in talk
    )
    return (
        f"<!doctype html><html><head><title>Light</title></head><body><article>{body}</article></body></html>"
    )


def podcast_page(chance: random.Random, talk: Talk, language: Language) -> str:
    return "".join(
        (f"<cite>{turn.speaker}:</cite>\n" if turn.speaker else "")
        + f"<time>{_clock(start, digits=0)}</time>\n<p>{_escaped(turn.text)}</p>\n"
        for start, _, turn in _spans(talk)
    )


def podcast_json(chance: random.Random, talk: Talk, language: Language) -> str:
    segments = [
        {"startTime": start, "endTime": end, "body": turn.text}
        | ({"speaker": turn.speaker} if turn.speaker else {})
        for start, end, turn in _spans(talk)
    ]
    return json.dumps({"version": "1.0.0", "segments": segments}, ensure_ascii=chance.random() < 0.5)


def whisper_json(chance: random.Random, talk: Talk, language: Language) -> str:
    segments = [
        {"id": number, "start": start, "end": end, "text": f" {_label(turn, language)}{turn.text}"}
        for number, (start, end, turn) in enumerate(_spans(talk))
    ]
    return json.dumps({"text": "", "segments": segments, "language": "en"})


def word_document(chance: random.Random, talk: Talk, language: Language) -> bytes:
    import docx

    document = docx.Document()
    shape = chance.choice(("labels", "bold", "teams", "timings", "table"))
    spans = _spans(talk)
    if shape == "table":
        table = document.add_table(rows=1, cols=3)
        for cell, head in zip(table.rows[0].cells, ("Time", "Speaker", "Text"), strict=True):
            cell.text = head
        for start, _, turn in spans:
            row = table.add_row().cells
            row[0].text, row[1].text, row[2].text = _clock(start, digits=0), turn.speaker or "", turn.text
    for start, end, turn in spans if shape != "table" else ():
        if shape == "timings":
            document.add_paragraph(f"{_clock(start)} --> {_clock(end)}")
            if turn.speaker:
                document.add_paragraph(turn.speaker)
            document.add_paragraph(turn.text)
        elif shape == "teams" and turn.speaker:
            document.add_paragraph(f"{turn.speaker}   {_clock(start, digits=0, hours=False)}\n{turn.text}")
        elif shape == "bold" and turn.speaker:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{turn.speaker}:").bold = True
            paragraph.add_run(f" {turn.text}")
        else:
            document.add_paragraph(_label(turn, language) + turn.text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


_PDF_LINES: Final = 40  # of a page
_PDF_WIDTH: Final = 60  # characters of a line


def pdf(chance: random.Random, talk: Talk, language: Language) -> bytes:
    """Pages with a font whose glyphs have no shapes and say which letters they are."""
    lines: list[tuple[str, bool]] = []  # and whether a paragraph begins with it
    above = chance.random() < 0.3
    gap = chance.choice((24, 12))
    for start, _, turn in _spans(talk):
        said = turn.text.replace("\n", " ")
        if above:
            lines.append((f"{turn.speaker or ''} {_clock(start, digits=0)}".strip(), True))
        words = textwrap.wrap(said if above else _label(turn, language) + said, _PDF_WIDTH)
        lines += [(line, at == 0 and not above) for at, line in enumerate(words)]
    pages = list(itertools.batched(lines, _PDF_LINES, strict=False))
    letters = {letter: at for at, letter in enumerate(dict.fromkeys("".join(line for line, _ in lines)), 1)}
    named = "".join(f"<{at:04x}> <{letter.encode('utf-16-be').hex()}>\n" for letter, at in letters.items())
    kids = " ".join(f"{6 + 2 * at} 0 R" for at in range(len(pages)))
    font = "/Type /Font /BaseFont /F"
    registry = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        f"<< {font} /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        f"<< {font} /Subtype /CIDFontType2 /DW 600 {registry} >>",
        _pdf_stream(
            "begincmap\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
            f"{len(letters)} beginbfchar\n{named}endbfchar\nendcmap"
        ),
    ]
    for at, page in enumerate(pages):
        height = 780
        drawn: list[str] = []
        for line, begins in page:
            height -= gap if begins else 12
            code = "".join(f"{letters[letter]:04x}" for letter in line)
            drawn.append(f"BT /F1 10 Tf 50 {height} Td <{code}> Tj ET")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * at} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(_pdf_stream("\n".join(drawn)))
    file = "%PDF-1.7\n" + "".join(f"{at} 0 obj\n{each}\nendobj\n" for at, each in enumerate(objects, 1))
    return f"{file}trailer << /Root 1 0 R /Size {len(objects) + 1} >>\n%%EOF\n".encode("ascii")


def _pdf_stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def sami(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = "".join(
        f"<SYNC Start={round(start * 1000)}><P Class=C>{_escaped(_label(turn, language) + turn.text)}\n"
        f"<SYNC Start={round(end * 1000)}><P Class=C>&nbsp;\n"
        for start, end, turn in _spans(talk)
    ).replace("\n\n", "<br>")
    return f"<SAMI><HEAD><TITLE>x</TITLE></HEAD><BODY>\n{lines}</BODY></SAMI>"


def microdvd(chance: random.Random, talk: Talk, language: Language) -> str:
    return "{1}{1}25\n" + "".join(
        f"{{{round(start * 25)}}}{{{round(end * 25)}}}"
        f"{_label(turn, language)}{turn.text.replace('\n', '|')}\n"
        for start, end, turn in _spans(talk)
    )


def youtube_srv1(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = "".join(
        f'<text start="{start}" dur="{end - start}">'
        f"{_escaped(_escaped(_label(turn, language) + turn.text))}</text>"
        for start, end, turn in _spans(talk)
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><transcript>{lines}</transcript>'


def youtube_srv3(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = "".join(
        f'<p t="{round(start * 1000)}" d="{round((end - start) * 1000)}">'
        f"{_escaped(_label(turn, language) + turn.text)}</p>\n"
        for start, end, turn in _spans(talk)
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><timedtext format="3"><body>\n{lines}</body></timedtext>'


def apple_ttml(chance: random.Random, talk: Talk, language: Language) -> str:
    """Spans for sentences and words, whose times count from the beginning."""
    names = list(dict.fromkeys(turn.speaker for turn in talk if turn.speaker))
    agents = "".join(
        f'<ttm:agent xml:id="s{at}"><ttm:name type="full">{_escaped(name)}</ttm:name></ttm:agent>'
        for at, name in enumerate(names)
    )
    lines: list[str] = []
    for start, end, turn in _spans(talk):
        agent = f' ttm:agent="s{names.index(turn.speaker)}"' if turn.speaker else ""
        words = turn.text.split()
        each = (end - start) / len(words)
        spans = " ".join(
            f'<span begin="{start + each * at:.3f}" end="{start + each * at + each:.3f}">'
            f"{_escaped(word)}</span>"
            for at, word in enumerate(words)
        )
        lines.append(
            f'<p begin="{start}" end="{end}"{agent}><span begin="{start}" end="{end}">{spans}</span></p>'
        )
    return (
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"><head><metadata>'
        f"{agents}</metadata></head><body><div>{''.join(lines)}</div></body></tt>"
    )


def tools(chance: random.Random, talk: Talk, language: Language) -> str:
    """Names with times beside them as Zoom, Sonix and Rev write them, or in cells that tabs divide."""
    shape = chance.choice(("[{0}] {1}\n", "{0} {1} ", "{0}:\t\t{1}\t\t", "{1}\t{0}\t"))
    return "".join(
        f"{shape.format(turn.speaker, _clock(start, digits=0))}{turn.text}\n\n"
        if turn.speaker
        else f"[{_clock(start, digits=0)}] {turn.text}\n\n"
        for start, _, turn in _spans(talk)
    )


def notes_above(chance: random.Random, talk: Talk, language: Language) -> str:
    """Show notes, and the transcript below a heading."""
    title = chance.choice(
        ("Transcript", "Transkript", "Transcripci\u00f3n", "\u6587\u5b57\u8d77\u3053\u3057")
    )
    above = "# Light\n\nWe climb a tower.\n\n## Links\n\n- [The tower](https://example.org)\n\n"
    below = "\n## Credits\n\nMusic by Bob Ray.\n" if any(turn.speaker for turn in talk) else ""
    said = "".join(f"{_label(turn, language)}{_for_markdown(turn.text)}\n\n" for turn in talk)
    return f"{above}## {title}\n\n{said}{below}"


def mail(chance: random.Random, talk: Talk, language: Language) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ann Lee <ann@example.org>", "Light"
    message["Date"] = "Mon, 2 Mar 2026 10:00:00 +0100"
    message.set_content(plain(chance, talk, language), cte=chance.choice(("base64", "quoted-printable")))
    return message.as_bytes()


def saved_page(chance: random.Random, talk: Talk, language: Language) -> bytes:
    message = EmailMessage()
    message["Snapshot-Content-Location"] = "https://example.org/light"
    message["Subject"] = "Light"
    message.set_content(page(chance, talk, language), subtype="html", cte="quoted-printable")
    return message.as_bytes()


def _engine(engine: EngineWriter) -> Writer:
    def write(chance: random.Random, talk: Talk, language: Language) -> str:
        spans = [Said(start, end, turn.speaker, turn.text) for start, end, turn in _spans(talk)]
        return json.dumps(engine(spans), ensure_ascii=chance.random() < 0.5)

    return write


CAPTIONS: Final[dict[str, tuple[Writer, str]]] = {
    writer.__name__: (writer, ending)
    for writer, ending in (
        (webvtt_voices, "vtt"),
        (webvtt_labels, "vtt"),
        (subrip_labels, "srt"),
        (subrip_brackets, "srt"),
        (subrip_above, "srt"),
        (subrip_bold, "srt"),
        (subrip_two_lines, "srt"),
        (subrip_sticky, "srt"),
        (sbv, "sbv"),
        (lrc, "lrc"),
    )
}
TEXTS: Final[dict[str, tuple[Writer, str]]] = {
    writer.__name__: (writer, ending)
    for writer, ending in (
        (karaoke, "vtt"),
        (growing, "vtt"),
        (rolling, "vtt"),
        (ttml, "ttml"),
        (ass, "ass"),
        (table_csv, "csv"),
        (table_tsv, "tsv"),
        (stamped, "txt"),
        (ranged, "txt"),
        (otter, "txt"),
        (plain, "txt"),
        (plain_above, "txt"),
        (markdown_bold, "md"),
        (markdown_headings, "md"),
        (markdown_plain, "md"),
        (markdown_timed, "md"),
        (page, "html"),
        (podcast_page, "html"),
        (podcast_json, "json"),
        (whisper_json, "json"),
        (word_document, "docx"),
        (pdf, "pdf"),
        (sami, "smi"),
        (microdvd, "sub"),
        (youtube_srv1, "srv1"),
        (youtube_srv3, "srv3"),
        (apple_ttml, "ttml"),
        (tools, "txt"),
        (notes_above, "md"),
        (mail, "eml"),
        (saved_page, "mhtml"),
    )
}
ENGINES: Final[dict[str, tuple[Writer, str]]] = {
    engine.__name__: (_engine(engine), "json") for engine in (*ENGINE_WRITERS, *NAMELESS_ENGINES)
}
WRITERS: Final = CAPTIONS | TEXTS | ENGINES
# Those that say for nobody who speaks.
NAMELESS: Final = frozenset({"karaoke", "growing", "rolling", *(each.__name__ for each in NAMELESS_ENGINES)})
