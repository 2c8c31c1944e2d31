"""Lines of a text, and what tools write in and around them that means the same, brought into one form.

1.  *Numbered*: a number in front of each line, as researchers cite them: "0012 Ada: Yes."
2.  *Divided*: two or three cells with tabs between them are a row: ``0:05<tab>Ada<tab>Yes.``
3.  *Hashed*: f4 has the time in number signs, ``#00:01:02-3#``, in front or behind the paragraph before.
4.  *Spelled*: a line of its own that spells a time out, as YouTube reads it: "1 minute, 2 seconds";
    times that begin lines in another form: ``0'05"``, ``00.00.05``, ``0h05m00s``, ``5.2s``.
5.  *Ended*: nearly all paragraphs end with a time in brackets, with which the next begins: "Yes. [00:00:05]".
6.  *Lettered*: "Q. When was that? A. In May." are questions and answers, a line each, as archives have them;
    where they are counted, "Q12: When?", it is still the same person who asks.
7.  *Spaced*: a name and a wide space, or corner brackets around what is said, and dashes before what the
    interviewer asks, as in Japanese magazines.
8.  *Headed*: lines above times that count from one are headings, as YouTube's "Chapter 1: The tower"; without
    numbers, where one stands above the first time, and each other below the one line of the time before.
9.  *Closed*: Trint's time and length behind what is said, "Yes. [00:00:06][3.2]", are left out.
10. *Bracketed*: times stand in the wide brackets of Chinese, or before a player's length, ``0:05 / 42:10``.
11. *Called*: in plays a stop stands behind who speaks, "OLGA. Yes.", in chats brackets around, "<Nina> Yes.";
    some have numbers, "1: Yes.". Where most lines begin so, these return, and now and then somebody asks or
    says "I" or "you", as theorems, diaries, laws, lists of books and steps seldom do, they get a colon.
12. *Apart*: a time in square brackets within what is said begins a line.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from episodic.canonical.normalizers.speech.dialogue import QUESTION_END, SENTENCE_END
from episodic.canonical.normalizers.speech.labelling import ASKS, are_addressed, are_callable, count_returns
from episodic.canonical.normalizers.speech.names import Standing, is_numbered_speaker, standing
from episodic.canonical.normalizers.speech.timecodes import Timecodes
from episodic.canonical.sources import Doubt
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import CLOCK, Timing, seconds, spelled_seconds
from episodic.canonical.text.tokens import fold

_FEW: Final = 2
_FEW_ROWS: Final = 3
_ASIDES: Final = ("(", "[")
_MANY_TIMES: Final = 8
_ASKING: Final = 0.1  # of the turns of people who talk, at least
_WITH_TITLE: Final = 3  # lines from a time to the next: with the words between, and a title
_LONGEST_TITLE: Final = 100  # characters, as YouTube allows
_TABS: Final = pattern(r"\t+")
_HASHED: Final = pattern(r"#(\d{1,2}:\d\d:\d\d)-(\d)#")
_ENDING: Final = pattern(rf"(?<=[^\s:])\s*[\[(]({CLOCK})[\])]\s*$")
_CLOSED: Final = pattern(rf"\s*\[{CLOCK}\]\[\d+(?:\.\d+)?\](?=\s|$)")
_LETTER: Final = pattern(
    r"\s*(?P<letter>[^\W\d_])(?:(?P<number>\d{1,3})[ \t]?[.:\uff1a]|\.|\.?[ \t]{2,})\s*(?=\S)"
)
_NUMBERED: Final = pattern(r"[ \t]*(\d{1,6})(?:[.)]?[ \t]+|:[ \t]+)(?=\S)")
# Who speaks, an aside, and a stop, or a stop and a dash; in the brackets of a chat; by a number.
_NAME: Final = r"[^\W\d_][^\n.:!?()\[\]<>]{1,39}?"
_STOP: Final = r"(?P<aside>[ ]\([^()\n]{1,80}\))?\.(?:[ ]?[\u2013\u2014-])?[ \t]+(?=\S)"
_STAGED: Final = pattern(rf"[ \t]*(?P<name>(?P<title>[^\W\d_]{{1,3}}\. )?{_NAME}){_STOP}")
_UNTITLED: Final = pattern(rf"[ \t]*(?P<name>{_NAME}){_STOP}")
_CHATTED: Final = pattern(r"[ \t]*<(?P<name>[^<>\n/]{1,40})(?P<aside>)>:?[ \t]+(?=\S)(?!.*</)")
_COUNTED: Final = pattern(r"[ \t]*(?P<name>\d{1,2})(?P<aside>):[ \t]+(?=\S)")
_SPACED: Final = pattern(
    r"(?:[\u2014\u2015\u2500]{2}|(?P<name>[^\W\d_a-z]{1,8})(?:\u3000|(?=\u300c.*\u300d\s*$)))[ \u3000]*(?=\S)"
)
_CORNERS: Final = pattern(r"(?<=: )\u300c(.*)\u300d\s*$")
_TIME: Final = pattern(rf"\s*[\[(]?({CLOCK})(?:[ ]?/[ ]?{CLOCK})?[\])]?(?:\s*\{{#[^{{}}]*\}})?\s*")
_WIDE: Final = pattern(rf"[\uff08\uff3b\u3010\u3014]({CLOCK})[\uff09\uff3d\u3011\u3015]")
_OTHER_CLOCK: Final = pattern(
    r"\s*[\[(]?(?:(?:(?P<hours>\d{1,2})(?:h ?|\.(?=\d\d\.)))?"
    r"(?P<minutes>\d{1,2})(?:m(?:in)? ?|['\u2032\u2019]|(?(hours)\.|(?!)))"
    r"(?P<seconds>\d\d)(?:s|[\"\u2033\u201d]|''|(?(hours)(?!\d)|(?!)))|(?P<alone>\d{1,5}(?:\.\d{1,3})?) ?s)"
    r"[\])]?(?:[ :-]+|$)"
)
CHAPTER: Final = pattern(r"\s*(?P<called>[^\W\d_]+ ?(?P<number>\d{1,3})):\s+(?P<title>\S.*)")
_INNER: Final = pattern(rf"(?<=\S)\s+(?=\[{CLOCK}\]\s+\S)")


class Line(NamedTuple):
    """A line of a text, or a paragraph of a document.

    Parameters
    ----------
    bold
        What stands out at its start, or after a time there.
    level
        Of a heading; nought for what is none.
    begins
        Whether a paragraph begins with it.
    item
        Whether it is an item of a list, in which times are chapters' and names are no turns'.
    """

    where: str
    text: str
    bold: str = ""
    level: int = 0
    begins: bool = True
    item: bool = False

    @property
    def heading(self) -> bool:
        """Whether it is one."""
        return self.level > 0


def one_form(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with rows divided by bars, and times that begin a line."""
    formed: Sequence[Line] = [*map(_time, lines)]
    whole = "\n".join(line.text for line in formed)
    for sign, form in _FORMS:
        if sign in whole:
            formed = form(formed)
    return formed


def with_fractions(lines: Sequence[Line]) -> tuple[Sequence[Line], tuple[Doubt, ...]]:
    """The lines with fractions where times in front count frames, and what was assumed of these."""
    found = Timecodes.found_in("\n".join(line.text for line in lines))
    if found is None:
        return lines, ()
    made = [line._replace(text=found.in_front(line.text), bold=found.in_front(line.bold)) for line in lines]
    return made, found.doubts if made != lines else ()


def apart(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, cut where a time stands in square brackets within what is said, and not beside a name."""
    for line in lines:
        if "[" not in line.text:
            yield line
            continue
        first, *others = _INNER.split(line.text)
        if others and standing(fold(first).strip(" *_:")) > Standing.NONE:
            first, *others = f"{first} {others[0]}", *others[1:]
        yield line._replace(text=first) if others else line
        yield from (Line(line.where, text, begins=False) for text in others)


def _time(line: Line) -> Line:
    """A line with its times in plain brackets; what is nothing but a time is that, and no heading of Meet's.

    Players show how long all is behind it: "0:05 / 42:10".
    """
    if not line.text.isascii():
        line = line._replace(text=_WIDE.sub(r"[\1]", line.text))
    alone = _TIME.fullmatch(line.text) if line.level or "/" in line.text else None
    return line if alone is None else line._replace(text=alone[1], level=0, bold="")


def _closed(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines without when what is said ends, and how long it lasted: Trint's "[00:00:06][3.2]"."""
    if sum("][" in line.text and _CLOSED.search(line.text) is not None for line in lines) < _FEW:
        return lines
    return [line._replace(text=_CLOSED.sub("", line.text)) for line in lines]


def _headed(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with those that count chapters above times as headings."""
    found = {at: match for at, line in enumerate(lines[:-1]) if (match := CHAPTER.fullmatch(line.text))}
    above = {at: match for at, match in found.items() if _TIME.fullmatch(lines[at + 1].text)}
    if not found:
        titles = {at: f"Chapter {number}: {lines[at].text}" for number, at in enumerate(_titles(lines), 1)}
        if not titles:
            return lines
        return [
            line._replace(text=titles[at], level=2) if at in titles else line for at, line in enumerate(lines)
        ]
    counted = [int(match["number"]) for match in above.values()] == list(range(1, len(above) + 1))
    if (
        len(above) < _FEW
        or not counted
        or any(is_numbered_speaker(m["called"].casefold()) for m in above.values())
    ):
        return lines
    return [line._replace(level=2) if at in above else line for at, line in enumerate(lines)]


def _titles(lines: Sequence[Line]) -> Sequence[int]:
    """Where titles without numbers stand: one above the first time, and others between words and a time."""
    if len(lines) < _MANY_TIMES or not _TIME.fullmatch(lines[1].text):
        return ()
    times = [at for at, line in enumerate(lines) if _TIME.fullmatch(line.text)]
    if len(times) < _MANY_TIMES or times[0] != 1:
        return ()
    spans = [after - before for before, after in itertools.pairwise(times)]
    found = [0, *(at - 1 for at, span in zip(times[1:], spans, strict=True) if span == _WITH_TITLE)]
    titles = [fold(lines[at].text) for at in found]
    if (
        not _FEW <= len(found) <= len(times) / 3 + 1
        or max(spans) > _WITH_TITLE
        or len(set(titles)) < len(titles)
    ):
        return ()
    if any(
        title[0].islower() or len(title) > _LONGEST_TITLE or SENTENCE_END.search(title) for title in titles
    ):
        return ()
    return found


def _unnumbered(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines without the numbers in front of them, where nearly all have one more than the line before."""
    found = [_NUMBERED.match(line.text) for line in lines]
    numbers = [int(each[1]) for each in found if each]
    if len(numbers) <= _FEW_ROWS:
        return lines
    pages = [each is None and line.text.strip().isdecimal() for line, each in zip(lines, found, strict=True)]
    steps = sum(after == before + 1 for before, after in itertools.pairwise(numbers))
    if steps < _FEW_ROWS or steps * 5 < (len(lines) - sum(pages) - 1) * 4:
        return lines
    return [
        line._replace(text=line.text[each.end() :]) if each else line._replace(level=int(page))
        for line, each, page in zip(lines, found, pages, strict=True)
    ]


def _divided(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, as rows where nearly all have a tab or two that divide them, and as many."""
    if sum("\t" in line.text for line in lines) * 5 < len(lines) * 4:
        return lines
    parts = [_TABS.split(line.text.strip()) for line in lines]
    usual, times = Counter(map(len, parts)).most_common(1)[0] if lines else (1, 0)
    if usual not in {2, 3} or times < _FEW_ROWS or times * 5 < len(lines) * 4:
        return lines
    if any(cells[0].endswith(":") for cells in parts):
        return lines
    return [
        line._replace(text=" | ".join(map(str.strip, cells)))
        for line, cells in zip(lines, parts, strict=True)
    ]


def _unhashed(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with f4's times in brackets, in front: what ends a paragraph begins the next."""
    if sum("#" in line.text and _HASHED.search(line.text) is not None for line in lines) < _FEW:
        return lines
    made: list[Line] = []
    before = ""
    for line in lines:
        times = list(_HASHED.finditer(line.text))
        text = fold(_HASHED.sub(" ", line.text))
        first = times[0] if times and not line.text[: times[0].start()].strip() else None
        start = f"[{first[1]}.{first[2]}] " if first else before
        before = f"[{times[-1][1]}.{times[-1][2]}] " if times and first is not times[-1] else ""
        made.append(line._replace(text=f"{start}{text}"))
    return made


def _ended(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with the times that they end with in front; where the first is nought, each is its own."""
    ends = [_ENDING.search(line.text) if line.text.rstrip()[-1:] in {"]", ")"} else None for line in lines]
    said = [
        bool(end and SENTENCE_END.search(line.text[: end.start()]))
        for line, end in zip(lines, ends, strict=True)
    ]
    times = [seconds(end[1]) or 0.0 for end in ends if end]
    if sum(said) < max(_FEW_ROWS, len(times) * 2 / 3, len(lines) / 2) or times != sorted(times):
        return lines
    made: list[Line] = []
    before = ""
    for line, end in zip(lines, ends, strict=True):
        text = line.text if end is None else line.text[: end.start()]
        if end is not None:
            begun = end[1] if not times[0] else f"{before} - {end[1]}" if before else ""
            text = f"[{begun}] {text}" if begun else text
            before = end[1]
        made.append(line._replace(text=text))
    return made


def _lettered(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with a colon behind the letter of a question or an answer, where two letters take turns."""
    found = [_LETTER.match(line.text) for line in lines]
    letters = [each["letter"] for each in found if each]
    counted = [(each["letter"], int(each["number"])) for each in found if each and each["number"]]
    if counted and (len(counted) < len(letters) or not _rise(counted)):
        return lines  # "M1: Yes." is the first of several men
    turns = sum(before != after for before, after in itertools.pairwise(letters))
    if len(set(letters)) != 2 or len(letters) < 2 * _FEW or turns * 5 < (len(letters) - 1) * 4:
        return lines
    asked = [
        line.text for line, each in zip(lines, found, strict=True) if each and each["letter"] == letters[0]
    ]
    questions = sum(QUESTION_END.search(text) is not None for text in asked)
    if not questions or (set(letters) == {"A", "B"} and questions * 3 < len(asked) * 2):  # as an outline has
        return lines
    return _led(lines, found, lambda each: f"{each['letter']}: ")


def _led(
    lines: Sequence[Line], found: Sequence[re.Match[str] | None], lead: Callable[[re.Match[str]], str]
) -> Sequence[Line]:
    """The lines with something else for what was found in front of them."""
    return [
        line._replace(text=lead(each) + line.text[each.end() :]) if each else line
        for line, each in zip(lines, found, strict=True)
    ]


def _rise(counted: Sequence[tuple[str, int]]) -> bool:
    """Whether of each letter, each number comes once, and they rise."""
    numbers = [[number for letter, number in counted if letter == each] for each in dict(counted)]
    return all(each == sorted(set(each)) and len(each) > 1 for each in numbers)


def _called(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with a colon behind who speaks, where most paragraphs have another form, and names return."""
    texts = ["" if line.heading or line.item else line.text for line in lines]
    asked = sum(ASKS.search(text) is not None for text in texts)
    for expression in (_STAGED, _CHATTED, _COUNTED):
        found = [*map(expression.match, texts)]
        if (len(found) - found.count(None)) * 3 < len(lines):
            continue
        found = _titled(found) if expression is _STAGED else found
        begun = sum(line.begins and not line.heading and line.text[:1] not in _ASIDES for line in lines)
        said = [(fold(each["name"]), each.string[each.end() :]) for each in found if each]
        often = Counter(name for name, words in said if not words[0].isdecimal())  # "Art. 3" is a law's
        known = {name for name, times in often.items() if times > 1}
        talk = [(name, words) for name, words in said if name in known]
        heads = [name for name, _ in talk]
        few = len(heads) * 3 < max(begun * 2, len(lines)) or asked < _ASKING * len(heads)
        if few or len(known) < 2 or count_returns(heads) < _FEW or not are_callable(heads):
            continue
        if expression is _STAGED and not are_addressed([words for _, words in talk]):
            continue
        whole = expression is _CHATTED or len(said) >= begun
        if whole or all(map(str.isupper, known)):
            known |= {name for name, _ in said if whole or name.isupper()}  # and who says no more
        found = [each if each and fold(each["name"]) in known else None for each in found]
        return _led(lines, found, lambda each: f">> {_numbered(fold(each['name']))}:{each['aside'] or ''} ")
    return lines


def _titled(found: Sequence[re.Match[str] | None]) -> Sequence[re.Match[str] | None]:
    """What is staged, with titles where names with them mostly return: "Dr. Reed.", and not "Bob. Yes."."""
    staged = [each for each in found if each]
    often = Counter(each["name"] for each in staged)
    titles = Counter(each["title"] for each in staged if often[each["name"]] > 1)
    heads = Counter(f"{each.string.split()[0]} " for each in staged)
    names = {head for head, times in heads.items() if titles[head] * 2 <= times}
    return [_UNTITLED.match(each.string) if each and each["title"] in names else each for each in found]


def _numbered(name: str) -> str:
    """What somebody is called: who has a number alone is its speaker."""
    return f"Speaker {name}" if name.isdecimal() else name


def _spaced(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with a colon behind a name before a wide space, where most begin so or with dashes."""
    found = [_SPACED.match(line.text) for line in lines]
    names = Counter(each["name"] for each in found if each and each["name"])
    if not names or len(names) == names.total() or sum(map(bool, found)) * 2 < len(lines):
        return lines
    led = _led(lines, found, lambda each: f">> {each['name']}: " if each["name"] else ">> ")
    return [
        line._replace(text=_CORNERS.sub(r"\1", line.text)) if each else line
        for line, each in zip(led, found, strict=True)
    ]


def _with_clocks(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, with clocks for times in another form that are or begin them, where they do so in order."""
    found = [_other_time(line.text) for line in lines]
    times = [each.start for each in found if each]
    rests = sum(each.rest != "" for each in found if each)
    if len(times) < (_FEW_ROWS if rests else _FEW) or times != sorted(times) or 0 < rests * 2 < len(lines):
        return lines
    clocks = (f"[{time // 3600:.0f}:{time // 60 % 60:02.0f}:{time % 60:06.3f}]" for time in times)
    return [
        line._replace(text=f"{next(clocks)} {each.rest}") if each else line
        for line, each in zip(lines, found, strict=True)
    ]


def _other_time(text: str) -> Timing | None:
    """The time that is spelled out, or written in another form, at the beginning of a line."""
    if not text.lstrip("[( ")[:1].isdigit() or ":" in text[:4]:  # most begin with a clock
        return None
    if (spelled := spelled_seconds(text)) is not None:
        return Timing(spelled, None, "")
    if (found := _OTHER_CLOCK.match(text)) is None:
        return None
    minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    return Timing(float(found["alone"] or minutes * 60 + int(found["seconds"])), None, text[found.end() :])


# The forms in the order in which they are looked for, and a sign without which there is none: most have none.
_FORMS: Final = (
    ("][", _closed),
    ("", _headed),
    ("", _unnumbered),
    ("\t", _divided),
    ("#", _unhashed),
    ("", _ended),
    ("", _lettered),
    ("", _called),
    ("\u3000", _spaced),
    ("\u300c", _spaced),
    ("", _with_clocks),
)
