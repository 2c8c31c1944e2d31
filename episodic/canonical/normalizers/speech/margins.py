"""What is said in a transcript, and what stands around it that nobody says: its head, its headings, its foot.

1.  A heading, or a line, that says "Transcript" has the speech below it, and show notes above. At a heading
    of its rank below which nobody begins to speak, the speech is over.
2.  The *head* is what stands above the first line with a name or a time: at most a dozen lines, none of them
    a sentence. Programs write the title, the date, the length, keywords and who takes part there. A label
    that stands once above others that return says what it calls: "Interviewee: Ada Lovelace".
3.  *Headings* that name nobody part the speech: the first is a title, others are chapters where it is known
    when they begin.
4.  The *foot* is a last line in which a program names itself, and before it sections of lists alone, such as
    links, below the last turn.

All that makes a claim is one; the rest is left out of the speech, and that is said.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from episodic.canonical.normalizers.chapters import chapter, noted_chapters
from episodic.canonical.normalizers.dates import parse_date
from episodic.canonical.normalizers.format import Structure
from episodic.canonical.normalizers.speech.dialogue import SENTENCE_END, covered
from episodic.canonical.normalizers.speech.labelling import doubted_languages
from episodic.canonical.normalizers.speech.lexicon import ABOVE, CREDITS, FAQS, QUESTIONS, TRANSCRIPTS
from episodic.canonical.normalizers.speech.lines import CHAPTER, Line, with_fractions
from episodic.canonical.normalizers.speech.names import Standing, is_credit, standing
from episodic.canonical.normalizers.speech.players import uncopied
from episodic.canonical.normalizers.speech.talk import Turns, are_dashed
from episodic.canonical.normalizers.speech.turns import find_turns, spoken
from episodic.canonical.normalizers.statements import (
    claimed_date,
    field_claims,
    heading_claims,
    labelled_claims,
)
from episodic.canonical.sources import Claim, ClaimField, Doubt, Passage, PassageKind, Signals, Utterance
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import stamp
from episodic.canonical.text.tokens import fold

_MOST_LINES: Final = 12
_SHOWN: Final = 3
OF_NOBODY: Final = "above the first name taken for speech of nobody known"
_TITLE_WORDS: Final = 8  # of a heading that begins with "Transcript"
# Google Meet's: "Weekly - 2026/03/02 09:58 CET - Transcript", "Weekly (2026-03-02 09:58 GMT+1) - Transcript".
_MEETING: Final = pattern(
    r"(?P<title>\S.*?)(?: -)? \(?(?P<day>\d{4}[/-]\d\d[/-]\d\d) \d\d:\d\d \S{1,9}\)? - Transcript"
)
_RECORDING: Final = pattern(
    r"(?:-\d{8}_\d{6}(?:-[^\d.]{1,60})?)?(?:-Meeting (?:Recording|Transcript))?"
    r"(?:\.(?:mp[34]|m4a|wav|aiff?|mov|docx?|txt))?$",
    re.IGNORECASE,
)
_LENGTH: Final = pattern(
    r"(?:(?P<hours>\d{1,2})h ?)?(?P<minutes>\d{1,3})m ?(?P<seconds>\d{1,2})s"
    r"|(?P<clock>(?:\d{1,2}:)?\d{1,3}:\d{2})"
)
_FOOT: Final = pattern(
    r"[(\[]*(?:(?:transcribed|corrected|proofread|revised) (?:by|with)"
    r"|(?:\w+ )?transcript(?:s are|ion)? (?:by|created|generated|made|produced|provided)"
    r"|generated (?:by|with)|this (?:is an? )?(?:\w+ )?transcript(?: (?:was|is|has been|may))?|powered by"
    r"|(?:meeting|call|recording|transcription) ended|.{1,60} (?:started|stopped) transcription"
    # Teams, in other languages.
    r"|.{1,60} (?:hat die transkription (?:gestartet|beendet)|heeft de transcriptie (?:gestart|gestopt)$"
    r"|(?:inici\u00f3|detuvo|finaliz\u00f3) la transcripci\u00f3n"
    r"|a (?:d\u00e9marr\u00e9|arr\u00eat\u00e9) la transcription"
    r"|ha (?:avviato|interrotto|arrestato) la trascrizione"
    r"|(?:iniciou|interrompeu|parou) a transcri\u00e7\u00e3o)"
    # Sonix, above and below; what Apple puts behind what is copied.
    r"|.{1,120}: this (?:\w+ ){1,3}was automatically transcribed by|sonix (?:is the world|has many features)"
    r"|automatically convert your \w+ files to text|this material may be protected by copyright"
    r"|from .{1,200}, (?:\d{1,2}\.? \w+\.?|\w+ \d{1,2},?) \d{4}$"
    r"|end(?: of (?:the )?(?:interview|tape|recording|transcript|transcription|side|audio)|(?=[\])]))"
    r"|[\w-]+\.(?:io|com|ai|app|net) .{0,30}transcript|audio source"
    r"|(?:whisper|ggml|output|system)_\w+:?|main: processing|detecting language|detected language"
    r"|thanks for reading|das (?:gespr\u00e4ch|interview) f\u00fchrten?(?= (?-i:[^\Wa-z]))|propos recueillis"
    r"|(?:the )?interview (?:was )?conducted by"
    r"|this file is longer than \d+ (?:minutes|hours)|copyright|all rights reserved)\b.*"
    # A shortcode of WordPress: [expand title="Transcript"].
    r"|\[(?:/[a-z_-]{1,30}|[a-z_-]{1,30} [a-z_-]{1,30}=[^\[\]]{1,200})\]"
    r"|<end subtitles>|\u00a9.*|https?://\S+|(?:[a-z0-9-]{1,60}\.){1,4}[a-z]{2,6}"
    # Which captions YouTube shows below a copied transcript: "English (auto-generated)".
    r"|[^\W\d_]+ \((?:\w+ )?(?:auto|\u81ea\u52d5\u751f\u6210|\u0430\u0432\u0442\u043e)[^()]*\)",
    re.IGNORECASE,
)


# "1 Std. 2 Min. 15 Sek."
_LASTING: Final = pattern(r"(?:\d{1,3} ?[^\W\d_]{1,8}\.?,? ?){2,3}")


class Trimmed(NamedTuple):
    """What is said in a transcript, what its margins claim, and what was left out of them."""

    utterances: tuple[Utterance, ...]
    claims: tuple[Claim, ...]
    doubts: tuple[Doubt, ...]
    named: bool
    timed: bool

    def structure(self, signals: Signals) -> Structure:
        """The structure of a source with such signals, and with what this says of its quality."""
        return Structure(
            dated=claimed_date(self.claims),
            claims=self.claims,
            utterances=self.utterances,
            signals=covered(signals.with_doubts(*self.doubts), self.utterances),
        )


def read_speech(lines: Sequence[Line], *, transcript: bool) -> Trimmed | None:
    """Tell what is said in a text from what stands around it; ``None`` where nothing is.

    Parameters
    ----------
    transcript
        Whether the text is known to be one.
    """
    lines, assumed = with_fractions(uncopied(lines))
    opening, turns = _turns(lines, transcript=transcript)
    above = lines[: max(0, opening - 1)]
    if turns is None or (
        not (transcript or turns.timed) and _ask(turns.names) and any(map(_is_faq, lines[:_MOST_LINES]))
    ):
        return None
    last = _foot(turns, lines[opening - 1].level if above else 0)
    first = _head(turns.part(0, last))
    within = turns.part(first, last)
    above = [*above, *turns.lines[:first]]
    claims, left_out = _introduced(above)
    titled = bool(claims) or opening > 0
    for heading, start in within.headings():
        found = list(_heading(heading, start, first=not titled))
        claims += found
        titled = titled or _FOOT.fullmatch(heading.text) is None
        left_out += [] if found or _is_label(heading) else [heading]
    left_out += turns.lines[last:]
    utterances = tuple(spoken(within))
    doubts = [*assumed, *([_left_out(left_out)] if left_out else [])]
    named = [(each.name, each.words) for each in within.parsed if each.name]
    nobody = turns.names.isdisjoint(name for name, _ in named)
    doubts += [*_nobody(utterances), *(doubted_languages(named) if nobody else ())]
    if turns.changes:
        noun = "answers" if turns.names else "questions and answers"
        doubts.append(
            Doubt.guessed(f"{noun} taken for another speaker's, whom nobody names: {len(turns.changes):,}")
        )
    elif not (transcript or turns.names or turns.timed):
        doubts.append(
            Doubt.guessed("taken for a transcript: dashes begin its lines, and questions are answered")
        )
    return Trimmed(utterances, tuple(claims), tuple(doubts), bool(turns.names), turns.timed)


def is_timed_speech(lines: Sequence[Line], *, transcript: bool) -> bool:
    """Whether `read_speech` would find something said in a text, and when."""
    _, turns = _turns(uncopied(lines), transcript=transcript)
    return turns is not None and turns.timed


def _turns(lines: Sequence[Line], *, transcript: bool) -> tuple[int, Turns | None]:
    """Where what is below a line "Transcript" begins, and its turns; nought, and those of all, if none is."""
    titles = [at for at, line in enumerate(lines[:-1]) if _is_title(line, at)]
    headed = [at for at in titles if lines[at].heading]
    if found := headed or titles:
        opening = found[-1] + 1
        below = lines[opening:]
        dashed = are_dashed(below, listed=True)
        if dashed:
            below = [line._replace(text=f"- {line.text}") if line.item else line for line in below]
        turns = find_turns(below, transcript=dashed)
        if turns is not None or find_turns(lines[: opening - 1], transcript=False) is None:
            return opening, find_turns(below, transcript=True) if transcript else turns
    return 0, find_turns(lines, transcript=transcript)


def _introduced(above: Sequence[Line]) -> tuple[list[Claim], list[Line]]:
    """What the lines above the speech claim, and those that claim nothing."""
    places = [line.where for line in above]  # which several lines may share
    lines = [line._replace(where=str(at)) for at, line in enumerate(above)]
    claims = [*_head_claims(lines), *noted_chapters([_passage(line) for line in lines])]
    told = {claim.where for claim in claims}
    left_out = [line for line in lines if line.where not in told and not _is_label(line)]
    return [replace(claim, where=places[int(claim.where)]) for claim in claims], left_out


def _is_title(line: Line, at: int) -> bool:
    """Whether a line says "Transcript"; a first heading that says more is the title of what is below."""
    if line.text[:1].isdigit() and not line.heading:
        return False  # it begins with a time or a number, and is not looked at further
    return not line.item and calls_transcript(line.text, more=at > 0 and line.heading)


def calls_transcript(text: str, *, more: bool) -> bool:
    """Whether a text says "Transcript", or `more`, as in "Read the full transcript"."""
    said = fold(text).casefold().strip("*_#:=-+\u2013\u2014 ")
    if said in TRANSCRIPTS or not more:
        return said in TRANSCRIPTS
    words = said.split(" ")
    return words[-1] in TRANSCRIPTS or (words[0].rstrip(":") in TRANSCRIPTS and len(words) <= _TITLE_WORDS)


def _ask(names: Collection[str]) -> bool:
    """Whether names are those of questions and answers, and nobody's: a letter, or a part."""
    return all(len(name) == 1 or name.casefold() in QUESTIONS for name in names)


def _is_faq(line: Line) -> bool:
    text = fold(line.text).casefold().strip("*_#:=-?.() ")
    return text in FAQS or (line.heading and not FAQS.isdisjoint(text.split(" ")))


def _foot(turns: Turns, level: int) -> int:
    """Where the foot begins, and with it the sections after the speech below a heading of a level."""
    lines = turns.lines
    last = len(lines)
    for each in reversed(turns.parsed[1:]):
        if not _FOOT.fullmatch(
            fold(each.said if each.bare else each.line.text)
        ):  # "[1:02:03] [END OF AUDIO]"
            break
        last -= 1
    latest = next((at for at in reversed(range(last)) if turns.begins(at)), last)
    headings = (at for at in range(latest + 1, last) if lines[at].heading)
    listed = last
    while listed > latest + 1 and (lines[listed - 1].item or lines[listed - 1].heading):
        listed -= 1
    return next(
        (at for at in headings if at >= listed or lines[at].level <= level or _is_title(lines[at], at)), last
    )


def _nobody(utterances: Sequence[Utterance]) -> Iterator[Doubt]:
    """What there is to say of words above the first name, which may introduce the speech."""
    before = list(itertools.takewhile(lambda each: each.speaker is None and not each.turn, utterances))
    if before and len(before) < len(utterances):
        words = sum(len(each.text.split()) for each in before)
        noun = "word" if words == 1 else "words"
        yield Doubt.guessed(f"{words:,} {noun} {OF_NOBODY}")


def _passage(line: Line) -> Passage:
    return Passage(PassageKind.HEADING if line.heading else PassageKind.PARAGRAPH, line.text, line.where)


def _head(turns: Turns) -> int:
    """How many lines the head has."""
    lines = turns.lines
    starts = [
        at
        for at in range(min(len(lines), _MOST_LINES + 1))
        if turns.begins(at)
        and not (at == 0 and _FOOT.fullmatch(lines[at].text))  # a program's name, and a colon
    ]
    once = list(itertools.takewhile(lambda at: at < _MOST_LINES and _calls(turns, at), starts))
    while once and not _introduces(turns, once[-1]):
        once.pop()
    once = once if any(map(turns.stands_once, once)) else []
    first = next(iter(starts[len(once) :]), 0)
    above = [line for line in lines[:first] if not line.heading]
    return first if above and not any(map(_is_said, above)) else 0


def _calls(turns: Turns, at: int) -> bool:
    """Whether a label may say what it calls, and nobody it: "Interviewee: Ada Lovelace" above Q and A."""
    words = turns.parsed[at].words
    called = turns.stands_once(at) or standing(words) is Standing.NAME
    return called and SENTENCE_END.search(words) is None


def _introduces(turns: Turns, at: int) -> bool:
    """Whether what a label calls is somebody's name, a number or a date, or what notes claim."""
    said = turns.parsed[at].words
    claims = list(labelled_claims((turns.lines[at].text,), ""))
    if standing(said) is Standing.NAME or any(map(str.isdigit, said)):
        return True
    people = [claim.value for claim in claims if claim.field is ClaimField.PERSON]
    return bool(claims) and turns.names.issuperset(people)  # who speaks below, or nobody


def _is_said(line: Line) -> bool:
    """Whether a line above the first turn may be speech all the same: a sentence."""
    text = fold(line.text)
    if not any(map(str.isalnum, text)) or _FOOT.fullmatch(text) or _LASTING.fullmatch(text):
        return False
    if parse_date(text) or any(labelled_claims((text,), "")):
        return False
    return SENTENCE_END.search(text) is not None or len(text) > 120 or text.startswith(("[", "(", ">", "-"))


def _is_label(line: Line) -> bool:
    """Whether a line only says what the others are: "Speakers", "Transcript"."""
    text = fold(line.text).casefold().rstrip(":")
    return text in ABOVE or text in CREDITS


def _head_claims(lines: Sequence[Line]) -> Iterator[Claim]:
    label, titled = "", False
    several = sum(": " in line.text for line in lines) > 1  # so that none of them is a title
    for line in lines:
        text = fold(line.text)
        if label:
            yield from field_claims(label, text, line.where)
            label = ""
        elif meeting := _MEETING.fullmatch(text):
            titled = True
            yield Claim(ClaimField.TITLE, meeting["title"], line.where)
            yield from field_claims("date", meeting["day"].replace("/", "-"), line.where)
        elif above := ABOVE.get(text.casefold().rstrip(":")):
            label = above
        elif found := [*labelled_claims((text,), line.where), *heading_claims(text, line.where)]:
            titled = titled or any(claim.field is ClaimField.TITLE for claim in found)
            yield from found
        elif dated := [*_dated(text, line.where)]:
            yield from dated
        elif (
            " | " in text
            or (several and ": " in text)
            or text.isdecimal()
            or text.endswith((",", "\u060c", ":"))
        ):
            continue  # the head of a table, a field not known here, a number, a greeting, what leads on
        elif not (titled or is_credit(text) or _FOOT.fullmatch(text) or _is_said(line) or stamp(text)):
            titled = True
            yield Claim(ClaimField.TITLE, _RECORDING.sub("", text) or text, line.where)


def _dated(text: str, where: str) -> Iterator[Claim]:
    """The date and the length that a line has, and nothing else: "Mon, Mar 2, 2026 9:04AM • 32:15"."""
    length = None
    for part in re.split(r"\s*[\u2022|\u00b7]\s*", text):
        if match := _LENGTH.fullmatch(part):
            length = (
                match["clock"]
                or f"{match['hours'] or 0}:{int(match['minutes']):02}:{int(match['seconds']):02}"
            )
        elif parse_date(part):
            yield from field_claims("date", part, where)
    if length is not None:
        yield from field_claims("duration", length, where)


def _heading(line: Line, start: float | None, *, first: bool) -> Iterator[Claim]:
    text = fold(line.text)
    if found := list(heading_claims(text, line.where)):
        yield from found
    elif text.isdecimal() or is_credit(text) or _FOOT.fullmatch(text):
        return
    elif start is not None and (counted := CHAPTER.fullmatch(text)):
        yield chapter(start, counted["title"], line.where)
    elif first:
        yield Claim(ClaimField.TITLE, text, line.where)
    elif start is not None:
        yield chapter(start, text, line.where)


def _left_out(lines: Iterable[Line]) -> Doubt:
    texts = [fold(line.text) for line in lines]
    words = sum(len(text.split()) for text in texts)
    shown = ", ".join(f"{text[:40]!r}" for text in texts[:_SHOWN]) + (", ..." if len(texts) > _SHOWN else "")
    noun = "word" if words == 1 else "words"
    return Doubt.left_out(f"{words:,} {noun} left out, which nobody says: {shown}")
