"""Mail (RFC 5322, RFC 2045), and pages that browsers save as MHTML (RFC 2557), by the standard library."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.dates import aware, iso_date, parse_date
from episodic.canonical.normalizers.decoding import byte_order_mark, decode
from episodic.canonical.normalizers.documents.html import Html
from episodic.canonical.normalizers.documents.html_text import html_text
from episodic.canonical.normalizers.documents.plain_text import PlainText
from episodic.canonical.normalizers.documents.prose import prose_structure
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.dialogue import QUESTION_END, covered
from episodic.canonical.normalizers.speech.margins import OF_NOBODY
from episodic.canonical.sources import Claim, ClaimField, Doubt
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold

if TYPE_CHECKING:  # loaded when a mail is read
    from email.message import EmailMessage, MIMEPart

_FIELD: Final = pattern(r"([A-Za-z][A-Za-z0-9-]*):(?:[ \t].*)?(?:\n[ \t]+\S.*)*\n")
# What only a mail's head has: one of these, or a sender with a date.
_TELLING: Final = frozenset(
    {"mime-version", "message-id", "received", "return-path", "snapshot-content-location"}
)
# What mail programs show, and people copy, in place of a mail's head: "From: … Sent: … To: … Subject: …".
_FROM: Final = ("from", "von", "de", "da", "van")
_SENT: Final = ("date", "sent", "gesendet", "enviado", "inviato", "verzonden")
_SUBJECT: Final = ("subject", "betreff", "asunto", "assunto", "oggetto", "onderwerp")
_REPLY: Final = pattern(
    r"(?:(?:re|fw|fwd|aw|wg|sv|vs|tr|rv|r|i|antw|odp|ynt)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
# Neither the mail's own words: a signature (RFC 3676, section 4.3), and the head of a mail that is passed on.
_OTHERS: Final = pattern(
    rb"^-- \n(?:[^\n]*\n){0,15}[^\n]*\Z"
    rb"|^-{3,} ?(?:Forwarded message|Original Message|Weitergeleitete Nachricht|Mensaje reenviado"
    rb"|Urspr\xc3\xbcngliche Nachricht|Message transf\xc3\xa9r\xc3\xa9) ?-{3,}\n(?:[^\n:]*:[^\n]*\n)*"
    + rf"|^(?:{'|'.join(_FROM)}): .*\n(?:{'|'.join(_SENT)}): .*\n(?:[^\n:]{{1,20}}:.*\n)*".encode(),
    re.MULTILINE | re.IGNORECASE,
)
_QUOTE: Final = pattern(rb"^> ?(?!>)", re.MULTILINE)
_QUOTED: Final = pattern(rb"((?:^>[^\n]*\n)+)", re.MULTILINE)
_FEWEST: Final = 2  # questions that somebody answers one by one
_TO: Final = ("to", "an", "\u00e0", "para", "a", "aan")
_SAVED: Final = "snapshot-content-location"


class Mail(Format):
    """A mail's text, or a saved page, with who sent it, when, and what about."""

    name = "mail"
    title = "mail (EML, MHTML)"
    suffixes = (".eml", ".mhtml", ".mht")
    isolated_above = 0

    def recognizes(self, head: Head) -> bool:
        """By the fields of its head."""
        fields: set[str] = set()
        position = 0
        while field := _FIELD.match(head.text, position):
            fields.add(field[1].lower())
            position = field.end()
        whole = position == len(head.text) or head.text.startswith("\n", position)
        return (
            whole
            and len(fields) > 1
            and (
                bool(fields & _TELLING)
                or {"from", "date"} <= fields
                or not any(map(fields.isdisjoint, (_FROM, _SENT, _SUBJECT)))
            )
        )

    def read(self, document: Document) -> Structure:
        """Read the text part, or the HTML of a mail without one; attachments are named."""
        from email import message_from_bytes
        from email.policy import default

        try:
            message = message_from_bytes(_unmarked(document.data), policy=default)
            structure = _body(document, message)
            claims = tuple(_claims(message)) if _SAVED not in message else ()
            sent = _sent(message)
            parts = message.iter_attachments() if message.is_multipart() else ()
            attached = [fold(part.get_filename() or part.get_content_type()) for part in parts]
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            # What the library raises for malformed heads is documented nowhere; such errors are known of it.
            raise UnreadableError(f"cannot be read as a mail: {error}; save its text") from error
        doubts: list[Doubt] = []
        if sent is None and (said := _field(message, _SENT)):
            doubts.append(Doubt.left_out(f"date that cannot be read: {said!r}"))
        if attached and _SAVED not in message:
            doubts.append(Doubt.left_out(f"attachments left out: {', '.join(attached)}"))
        return replace(
            structure,
            dated=structure.dated or sent,
            claims=(*claims, *structure.claims),
            signals=structure.signals.with_doubts(*doubts),
        )


def _unmarked(data: bytes) -> bytes:
    """A mail in UTF-8 that was saved with a mark of the order of its bytes, before which it has no head."""
    mark, encoding = byte_order_mark(data)
    return data[len(mark) :].decode(encoding, errors="replace").encode() if mark else data


def _body(document: Document, message: EmailMessage) -> Structure:
    part = message.get_body(("html", "plain") if _SAVED in message else ("plain", "html"))
    if part is None:
        raise UnreadableError("is a mail without a text; give its attachments, unpacked")
    data = cast("bytes | None", part.get_payload(decode=True)) or b""
    if part.get_content_subtype() != "html":
        text = _unquoted(_answered(_unicode(data, part), _called(message, _TO), _called(message, _FROM)))
        plain = _OTHERS.sub(_blank, text)
        structure = PlainText().read(replace(document, data=plain))
        if structure.utterances and (closing := _closing(message).search(plain)) is not None:
            plain = plain[: closing.start()]
            structure = PlainText().read(replace(document, data=plain))
        words = len(text.split()) - len(plain.split())
        what = f"{words:,} words left out: a signature, or the head of a mail that is passed on"
        signals = structure.signals.with_doubts(*([Doubt.left_out(what)] if words else ()))
        return _without_greeting(replace(structure, signals=signals))
    page = replace(document, data=_unicode(data, part))
    if _SAVED in message:
        return Html().read(page)
    decoded = page.decode()
    text = html_text(decoded.text, "body")
    found = Structure(claims=tuple(text.links), passages=tuple(text.passages), signals=decoded.signals)
    return prose_structure(document, found)


def _unquoted(text: bytes) -> bytes:
    """A text of which most is somebody else's, without the marks in front of that."""
    lines = text.splitlines()
    quoted = sum(line.startswith(b">") for line in lines)
    return _QUOTE.sub(b"", text) if quoted * 2 > len(lines) else text


def _answered(text: bytes, asks: str, answers: str) -> bytes:
    """A text that answers quoted questions one by one, with who asks and who answers in front of them."""
    above, *parts = _QUOTED.split(text)
    asked, said = parts[::2], parts[1::2]
    questions = [QUESTION_END.search(fold(_QUOTE.sub(b"", each).decode())) is not None for each in asked]
    if len(asked) < _FEWEST or not all(questions) or not all(map(bytes.strip, said)):
        return text
    return above + b"".join(
        _led(_QUOTE.sub(b"", question), asks) + _led(answer, answers)
        for question, answer in zip(asked, said, strict=True)
    )


def _led(text: bytes, name: str) -> bytes:
    """A text with a name, or a mark that another speaks, in front of its first word."""
    begin = len(text) - len(text.lstrip())
    return text[:begin] + (f"{name}: " if name else ">> ").encode() + text[begin:]


def _called(message: EmailMessage, names: Sequence[str]) -> str:
    from email.utils import parseaddr

    return fold(parseaddr(_field(message, names))[0])


def _blank(found: re.Match[bytes]) -> bytes:
    """Blank lines in place of lines, so that places keep their numbers."""
    return b"\n" * found[0].count(b"\n")


def _closing(message: EmailMessage) -> re.Pattern[bytes]:
    """What finds the sender's name at the end, below a line or two or behind a comma: "Best wishes, Ada"."""
    name = _called(message, _FROM)
    names = "|".join(map(re.escape, {name, name.partition(" ")[0]})) or "(?!)"
    return re.compile(rf"\n\n(?:(?:[^\n:]{{1,80}}\n){{1,2}}|[^\n:.?!]{{1,40}}, )(?:{names})\s*\Z".encode())


def _without_greeting(structure: Structure) -> Structure:
    """A transcript without what its sender says above it."""
    said = structure.utterances
    first = next((at for at, each in enumerate(said) if each.speaker or each.start is not None), 0)
    if not first:
        return structure
    words = sum(len(each.text.split()) for each in said[:first])
    doubt = Doubt.left_out(f"{words:,} words left out: they stand above the first name or time")
    doubts = (each for each in structure.signals.doubts if not each.text.endswith(OF_NOBODY))
    signals = covered(replace(structure.signals, doubts=(*doubts, doubt)), said[first:])
    return replace(structure, utterances=said[first:], signals=signals)


def _unicode(data: bytes, part: MIMEPart) -> bytes:
    """The part in UTF-8, by the encoding that it says it has, or by what it is."""
    return decode(data, part.get_content_charset()).text.encode("utf-8", errors="replace")


def _sent(message: EmailMessage) -> datetime | None:
    date = message["date"]
    moment = cast("datetime | None", getattr(date, "datetime", None)) or parse_date(_field(message, _SENT))
    try:
        return aware(moment) if moment is not None else None
    except OverflowError:
        return None


def _field(message: EmailMessage, names: Sequence[str]) -> str:
    """What the head says under the first of these names that it has."""
    return next((fold(str(message[name])) for name in names if message[name]), "")


def _claims(message: EmailMessage) -> Iterator[Claim]:
    """The sender, the subject and the date: what the mail says of itself."""
    from email.utils import parseaddr

    name, address = parseaddr(_field(message, _FROM))
    if sender := fold(name or address):
        yield Claim(ClaimField.PERSON, sender, "From", "sender")
    if subject := _REPLY.sub("", _field(message, _SUBJECT), count=1).strip():
        yield Claim(ClaimField.TITLE, subject, "Subject")
    if moment := _sent(message):
        yield Claim(ClaimField.PUBLISHED, iso_date(moment), "Date")
