"""Lines of a text or a document as turns: who says what, and from when.

Every format that has lines instead of cues hands them over in order, with what it knows of each: whether it
is a heading, and what stands out in bold at its start. Whether they are what people say is decided on all of
them:

1.  Each line is read as *time, name, words*, any of which may be missing: ``[00:05] Ada: Yes.``, ``Ada
    0:05``, ``Ada: 00:05``, ``00:01 - 00:03 Ada: Yes.`` A name and a time may also have a line each, in
    either order, above the words.
2.  *Times* count where a third of the first lines begin with one, or where names stand beside them and come
    again.
3.  *Names* count by the evidence of `dialogue.Labels`, each kind by itself: before a colon; beside a time;
    alone on their line, plain, in bold or as a heading. Those without a colon must come again after others.
4.  Unless it is known to be a transcript, a text is one only if a quarter of its paragraphs have a name, or
    most of its times leave room for what is said between them: chapters, agendas and verses leave more, and
    no names come again with sentences there.
5.  A turn ends with the next name, time or mark of a change; without times, a paragraph ends an utterance as
    well.

For example::

    **Ada**               a name alone in bold, which comes again: a turn
    A lamp.               what Ada says
    Of glass: of course.  Ada, too: "Of glass" comes once among names that come again
    **Bob** (0:05)        a name beside a time
    A lens.               what Bob says, from 5 seconds
    **Ada**
    Quite.
"""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

from episodic.canonical.normalizers.dialogue import (
    SENTENCE_END,
    Labels,
    count_returns,
    find_label,
    find_labels,
    fold,
    split_changes,
)
from episodic.canonical.normalizers.lexicon import COLUMNS
from episodic.canonical.normalizers.lines import Line, apart, one_form
from episodic.canonical.normalizers.names import Standing, standing
from episodic.canonical.sources import Doubt, Utterance
from episodic.canonical.times import ARROW, CLOCK, seconds, stamp, timing

# "Ada Lovelace  0:05", "Ada (00:05):", "[Ada] 00:05", "Ada | 0:05 | words", "Ada [00:05] words",
# "ADA 0:00:05 words".
_BESIDE: Final = re.compile(
    rf"(?P<name>[^\n|]{{1,60}}?)(?P<colon>[ \t]*:)?[\s,|\u00b7\u2022\u2013\u2014-]*?"
    rf"(?:(?<=[\s|])(?P<bare>{CLOCK})(?![:\d])(?P<day>[ \t\u202f]?[AaPp]\.?[Mm]\b\.?)?"
    rf"|[\[(](?P<bracketed>{CLOCK})[\])])"
    r"(?P<after>[ \t]*:|[ \t]*\|)?(?:(?<=[:|\])])[ \t]*(?P<words>\S.*)|[ \t]+(?P<open>\S.*)|[ \t]*)",
    re.DOTALL,
)
# The cells of a row: who, when or not, and what. Plays and magazines have a dash there, or a stop and a dash.
_CELLS: Final = re.compile(
    r"(?P<name>[^|\n]{1,60}) \| (?P<words>\S[^|]*)"
    r"|(?P<dashed>[^|\n.\u2013\u2014]{1,40})(?: |\.[ ]?)[-\u2013\u2014][ ](?P<after>\S.*)"
)
# "Q." and "A.", as magazines have them.
_LETTER: Final = re.compile(r"[^\W\d_]\.")
_DASHES: Final = "-\u2013\u2014"
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_OPENINGS: Final = frozenset("[(")
_SAMPLE: Final = 40
_HEAD: Final = 6  # lines above the first time
_SENTENCE: Final = re.compile(rf"{SENTENCE_END.pattern}|[,\uff0c\u3001]$")
_FIELD: Final = re.compile(r"[^\n:\uff1a]{1,40}[:\uff1a]")
_AGENDA_SECONDS: Final = 15  # of which all times of an agenda are multiples, from a beginning of its own
_ENDING: Final = 20  # characters
_FEW_CLOCKS: Final = 3
_MANY: Final = 5  # lines that look like speech, in what may be notes


class _Kind(NamedTuple):
    """How a name stands on its line."""

    word: str


_COLON, _BOLD, _TIMED, _STAMPED, _CELL, _ALONE = map(
    _Kind, ("colon", "bold", "timed", "stamped", "cell", "alone")
)


class _Parsed(NamedTuple):
    """A line as time, name and words; `said` is the line without its time."""

    line: Line
    start: float | None
    end: float | None
    kind: _Kind | None
    name: str
    words: str
    said: str
    called: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Turns:
    """Lines that are what people say.

    Parameters
    ----------
    timed
        Whether a turn lasts to the next time or name, over the ends of paragraphs.
    """

    parsed: tuple[_Parsed, ...]
    names: frozenset[str]
    timed: bool

    @property
    def lines(self) -> Sequence[Line]:
        """The lines that they are made of."""
        return [each.line for each in self.parsed]

    def begins(self, at: int) -> bool:
        """Whether a turn begins with a line."""
        return self.parsed[at].start is not None or _counts(self.parsed[at], self.names)

    @property
    def are_records(self) -> bool:
        """Whether labels come in one order throughout, and one of them never says a sentence: a form's."""
        lines = [each.line for each in self.parsed if not each.line.heading]
        heads = [found[0] for line in lines if (found := _FIELD.match(line.text))]
        order = list(dict.fromkeys(heads))
        size = len(order)
        if size < 2 or len(heads) < max(2 * size, len(lines)) or len(heads) % size:
            return False
        if any(head != order[at % size] for at, head in enumerate(heads)):
            return False
        said = Counter(head for head, line in zip(heads, lines, strict=True) if _SENTENCE.search(line.text))
        apart = size > 2 and all(line.begins is (at % size == 0) for at, line in enumerate(lines))
        return len(said) < size and (apart or len(heads) // size in said.values())

    def stands_once(self, at: int) -> bool:
        """Whether the label of a line stands there alone, above two others or more that come again."""
        each, below = self.parsed[at], Counter(later.name for later in self.parsed[at + 1 :] if later.kind)
        if each.kind is not _COLON or each.start is not None or each.name in below:
            return False
        return sum(1 for name, times in below.items() if times > 1 and name in self.names) > 1

    def part(self, start: int, stop: int) -> Turns:
        """Those of some of the lines."""
        return replace(self, parsed=self.parsed[start:stop])

    def headings(self) -> Iterator[tuple[Line, float | None]]:
        """The headings that name nobody, each with the time of what follows."""
        for at, each in enumerate(self.parsed):
            if each.line.heading and not _counts(each, self.names):
                following = (later.start for later in self.parsed[at + 1 : at + 4])
                yield each.line, next((start for start in following if start is not None), None)


def find_turns(lines: Sequence[Line], *, transcript: bool) -> Turns | None:
    """The turns of a text, or ``None`` where it is none that people say.

    Parameters
    ----------
    transcript
        Whether it is known to be one.
    """
    if not transcript and _quotes_cues(lines):
        return None
    lines, head = _below_head(one_form(lines))
    rows = (_parse_row(line, head) if head else None for line in lines)
    parsed = _stacked(_clocked([row or _parse(line) for row, line in zip(rows, lines, strict=True)]))
    times = _are_timed(parsed)
    if not times:
        parsed = [_without_time(each) for each in parsed]
    names = _names(parsed, transcript)
    timed = times or any(_counts(each, names) and each.kind is _TIMED for each in parsed)
    turns = Turns(tuple(parsed), names, timed)
    if not transcript and not _is_speech(turns):
        return None
    if timed and len(parts := list(apart(lines))) > len(lines):
        return find_turns(parts, transcript=True)
    return turns


def spoken(turns: Turns) -> Iterator[Utterance]:
    """An utterance a turn, more where a paragraph or a mark stands inside; a name holds until the next."""
    dashed = _has_dashes(turns)
    speaker: str | None = None
    start: float | None = None
    end: float | None = None
    where: str | None = None
    said: list[str] = []
    marked = is_time = False

    def finished() -> Iterator[Utterance]:
        nonlocal where, marked
        if text := fold(" ".join(said)):
            yield Utterance(text, where or "", speaker, start, end, turn=marked)
            marked = False
            where = None
        said.clear()

    for each in turns.parsed:
        counts = _counts(each, turns.names)
        if each.line.heading and not counts:
            continue
        was_time, is_time = is_time, each.start is not None and not each.said and not counts
        if counts or each.start is not None or (each.line.begins and not turns.timed):
            spoke = bool(said)
            if said:
                yield from finished()
            above = start, end
            if each.start is not None or counts or spoke:
                start, end = each.start, each.end
            if counts and start is None and was_time:
                start, end = above  # a time of its own above the name
            where = where if where and not counts and each.start is None else each.line.where
        if counts:
            speaker, marked = each.name, False
        for mark, part in split_changes(each.words if counts else each.said):
            if mark and (dashed or mark.startswith(">")):
                yield from finished()
                speaker, marked = None, True
                start, end = (start, end) if each.start is not None else (None, None)
            elif mark:
                part = f"{mark} {part}"  # noqa: PLW2901 - an item of a list keeps its dash
            if part.strip():
                where = where or each.line.where
                said.append(part)
    yield from finished()


def like_speech(texts: Sequence[str]) -> str | None:
    """What in texts that were taken for prose looks like speech, in words; ``None``: nothing.

    Chapters have times as well, and titles, which are no sentences.
    """
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    times = [time for line in lines if (time := stamp(line) or timing(line)) is not None]
    sentences = sum(_SENTENCE.search(time.rest) is not None for time in times)
    if len(times) >= _MANY and len(times) * 3 >= len(lines) and sentences * 2 > len(times):
        return f"{len(times):,} of {len(lines):,} lines begin with a time"
    labels = Labels.among(find_labels(lines), len(lines))
    named = sum(labels.split(line)[0] is not None for line in lines) if labels.returns > 1 else 0
    if named >= _MANY and named * 8 >= len(lines):
        return f"{named:,} of {len(lines):,} lines begin with the name of a speaker"
    return None


def out_of_order(utterances: Sequence[Utterance]) -> tuple[Doubt, ...]:
    """What there is to say of times that go backwards."""
    latest = 0.0
    for utterance in utterances:
        if utterance.start is not None:
            if utterance.start < latest:
                return (Doubt.damaged(f"times go backwards at {utterance.where}"),)
            latest = utterance.start
    return ()


@lru_cache(2048)  # a text is recognized, and then read
def _parse(line: Line) -> _Parsed:
    """Read a line as time, name and words."""
    text = line.text.strip().removeprefix(": ")  # a definition, below who says it
    start = end = None
    said = text
    if not line.heading and (time := stamp(text)) is not None:
        start, end, said = time.start, time.end, time.rest
    plain = _Parsed(line, start, end, None, "", said, said)
    if line.item and start is not None:
        return plain
    bold = _in_bold(line)
    if bold is not None:
        kind, name, beside, words = bold
    elif (
        ":" in said  # or the pattern would look far for a clock
        and (found := _BESIDE.fullmatch(said))
        and _may_stand_beside(found["name"], bare=bool(found["open"]))
    ):
        time = found["bare"] or found["bracketed"]
        # What a clock on the wall shows is no time of the recording.
        beside = None if found["day"] else seconds(time)
        kind, name, words = _TIMED, found["name"].strip("[] "), found["words"] or found["open"] or ""
    elif (label := find_label(said)) is not None:
        kind, name, beside, words = _COLON, label.name, None, said[label.end :]
        words = words.removeprefix("| ")  # in a row, the name has a cell of its own
        at = said.find("[", 1, label.end)  # "SPEAKER_00 [0.5 - 2.5]: words"
        if at > 0 and (time := stamp(said[at : label.end].rstrip(": "))) is not None:
            start, end = time.start, time.end
        if start is None and words[:1] in _OPENINGS and (time := stamp(words)) is not None:
            start, end, words = time.start, time.end, time.rest
        return plain._replace(
            kind=kind, name=name, words=words, start=start, end=end, called=label.called, bare=label.bare
        )
    elif (row := _CELLS.fullmatch(said)) and standing(row["name"] or row["dashed"]) >= (
        Standing.NICKNAME if row["name"] else Standing.WORD
    ):
        kind, name, beside, words = _CELL, row["name"] or row["dashed"], None, row["words"] or row["after"]
    elif standing(said) >= Standing.WORD:
        kind, name, beside, words = _ALONE if start is None else _STAMPED, said, None, ""
    else:
        return plain
    return plain._replace(
        kind=kind,
        name=fold(name).strip(" :*_|,-"),
        words=words,
        start=plain.start if beside is None else beside,
    )


def _clocked(parsed: list[_Parsed]) -> list[_Parsed]:
    """Lines whose words begin with a time without brackets, ``Ada: 00:05 Yes.``, where nearly all do."""
    labelled = [at for at, each in enumerate(parsed) if each.kind is _COLON and each.start is None]
    times = {at: time for at in labelled if (time := stamp(parsed[at].words)) is not None}
    starts = [time.start for time in times.values()]
    if len(times) < _FEW_CLOCKS or len(times) * 5 < len(labelled) * 4 or starts != sorted(starts):
        return parsed
    return [
        each._replace(start=time.start, end=time.end, words=time.rest) if (time := times.get(at)) else each
        for at, each in enumerate(parsed)
    ]


def _below_head(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[str] | None]:
    """The lines without the head of a table of speech, and what its columns have."""
    for at, line in enumerate(lines[:_SAMPLE]):
        columns = [COLUMNS.get(fold(cell).lower().strip("*_:"), "") for cell in line.text.split("|")]
        if "text" in columns and {"start", "speaker"} & set(columns):
            return [*lines[:at], *lines[at + 1 :]], columns
    return lines, None


def _parse_row(line: Line, columns: Sequence[str]) -> _Parsed | None:
    """Read a row of a table by its columns; ``None`` for a line that is none."""
    cells = dict(zip(columns, map(str.strip, line.text.split("|", len(columns) - 1)), strict=False))
    if len(cells) < len(set(columns)):
        return None
    time = stamp(cells.get("start", ""))
    start, end = (time.start, time.end) if time else (seconds(cells.get("start", "")), None)
    end = seconds(cells.get("end", "")) if end is None else end
    name, words = cells.get("speaker", ""), cells["text"]
    return _Parsed(line, start, end, _CELL if name else None, name, words, words, called=bool(name))


def _may_stand_beside(name: str, *, bare: bool) -> bool:
    """Whether a time beside it may be when somebody speaks; `bare`: with nothing between time and words."""
    name = fold(name).strip(" :,-\u2013\u2014[]")
    return standing(name) >= (Standing.WORD if bare else Standing.NICKNAME) and _YEAR.search(name) is None


def _in_bold(line: Line) -> tuple[_Kind, str, float | None, str] | None:
    """What bold text at the start of a line names, with a time beside it, and the rest."""
    if not line.bold or len(line.bold) > 80 or line.bold not in line.text:
        return None
    rest = line.text.partition(line.bold)[2]
    name, beside, colon = line.bold, None, False
    if inside := re.search(rf"[\[(]({CLOCK})[\])]|(?<=\s)({CLOCK})(?=:?$)", name):
        beside, name = seconds(inside[1] or inside[2]), name[: inside.start()] + name[inside.end() :]
    after = re.match(rf"\s*(:?)\s*(?:[\[(]({CLOCK})[\])]|({CLOCK})(?=\s|$))?\s*(:?)\s*", rest)
    assert after is not None
    beside = seconds(after[2] or after[3]) if after[2] or after[3] else beside
    name = name.strip()
    colon = (
        bool(after[1] or after[4]) or name.endswith((":", "\uff1a")) or _LETTER.fullmatch(name) is not None
    )
    name = name.rstrip(" :\uff1a.") if _LETTER.fullmatch(name) else name.rstrip(" :\uff1a")
    again = find_label(name)
    if again is not None and fold(name[again.end :]) == again.name:
        name = again.name  # "**Ada: Ada:**"
    words = rest[after.end() :]
    if not name or standing(name) is Standing.NONE:
        return None
    if colon:
        return _COLON, name, beside, words
    if beside is not None:
        return _TIMED, name, beside, words
    return (_BOLD, name, None, words) if words else (_ALONE, name, None, "")


def _quotes_cues(lines: Sequence[Line]) -> bool:
    """Whether a text that begins otherwise has cues of captions in it, as prose about captions has."""
    first = [line.text for line in lines[:_SAMPLE]]
    cues = any(ARROW.search(text) and text.lstrip()[:1].isdigit() and stamp(text) for text in first)
    return cues and stamp(first[0]) is None


def _without_time(parsed: _Parsed) -> _Parsed:
    """A line whose leading time is one of its words, unless it stands in brackets or beside a name."""
    if parsed.start is None or parsed.kind is _TIMED or parsed.line.text.lstrip()[:1] in _OPENINGS:
        return parsed
    if not parsed.said or stamp(parsed.line.text) is None:  # alone on its line, or after a name
        return parsed
    text = parsed.line.text.strip()
    if parsed.line.bold:
        return parsed
    label = find_label(text)
    bare = parsed._replace(start=None, end=None, kind=None, name="", words=text, said=text)
    return bare if label is None else bare._replace(kind=_COLON, name=label.name, words=text[label.end :])


def _stacked(parsed: list[_Parsed]) -> list[_Parsed]:
    """Lines in which a time and a name that have a line each are one."""
    alone = [each.start is not None and not each.said for each in parsed]
    named = [each.kind is _ALONE and each.start is None and not each.words for each in parsed]
    if not any(alone):
        return parsed
    above = [at for at in range(1, len(parsed)) if alone[at] and named[at - 1]]
    below = [at for at in range(len(parsed) - 1) if alone[at] and named[at + 1]]
    stacks, step = (above, -1) if len(above) >= len(below) else (below, 1)
    names = Counter(parsed[at + step].name for at in stacks)
    once = len(names) == names.total()
    if not (names and all(map(_is_numbered, names))) and (
        len(stacks) * 2 < sum(alone) or (once and len(stacks) * 3 < len(parsed))
    ):
        return parsed
    taken = {at + step for at in stacks}
    merged = dict.fromkeys(stacks, 0)
    made: list[_Parsed] = []
    for at, each in enumerate(parsed):
        if at in merged:
            made.append(each._replace(kind=_TIMED, name=parsed[at + step].name, words=""))
        elif at not in taken:
            made.append(each)
    return made


def _are_timed(parsed: Sequence[_Parsed]) -> bool:
    """Whether most of the first lines begin with a time, or as many as there are lines of one."""
    first = [each for each in parsed if not each.line.heading][:_SAMPLE]
    timed = [each.start is not None and not _is_beside_only(each) for each in first]
    if not any(timed[:_HEAD]):
        return False
    below = timed[timed.index(True) :]
    return sum(below) >= min(2, len(below)) and sum(below) * 3 >= len(below)


def _is_beside_only(parsed: _Parsed) -> bool:
    return parsed.kind in {_TIMED, _COLON} and stamp(parsed.line.text) is None


def _names(parsed: Sequence[_Parsed], transcript: bool) -> frozenset[str]:
    """The names that count, of each kind by its evidence."""
    speech = [each for each in parsed if not each.line.heading]
    paragraphs = sum(1 for each in speech if each.line.begins or each.start is not None)
    ends = (each.line.text[-_ENDING:] for each in speech)
    sentences = sum(_SENTENCE.search(end) is not None for end in ends)  # a line each
    colons = [each for each in speech if each.kind is _COLON and not each.bare]
    bare = [each for each in speech if each.kind is _COLON and each.bare]
    colons = colons if len(bare) <= len(colons) else [*colons, *bare]
    labels = Labels.decided(
        [(each.name, standing(each.name)) for each in colons], max(1, paragraphs, sentences)
    )
    names = labels.names.union(each.name for each in parsed if each.called)
    stamped = [each for each in parsed if each.kind is _STAMPED]
    if len(stamped) * 5 >= sum(each.start is not None for each in parsed) * 4:
        names |= _come_again([each.name for each in stamped], transcript)
    timed = [each for each in parsed if each.kind is _TIMED]
    starts = [each.start for each in timed if each.start is not None]
    forward = len(starts) > 1 and starts == sorted(starts)
    names |= _come_again([each.name for each in timed], transcript or forward)
    names |= {each.name for each in timed if _is_numbered(each.name)}
    names |= _come_again([each.name for each in parsed if each.kind is _CELL], transcript)
    alone = [each.name for each in parsed if each.kind is _ALONE and standing(each.name) >= Standing.WORD]
    if parsed and parsed[0].line.heading and alone.count(parsed[0].name) == 1:
        alone.remove(parsed[0].name)  # the title
    again = _come_again(alone, transcript)
    headings = Counter(each.name for each in parsed[1:] if each.line.heading)
    returning = sum(times for times in headings.values() if times > 1)
    if again & headings.keys() and returning * 2 > headings.total():
        names |= {each.name for each in parsed[1:] if each.line.heading and each.kind is _ALONE}
    introduced = {
        each.name for at, each in enumerate(parsed) if each.kind is _ALONE and _has_words(parsed, at)
    }
    often = Counter(alone)
    names |= {
        name for name in again if often[name] > 1 or (standing(name) is Standing.NAME and name in introduced)
    }
    if transcript:
        bold = Counter(each.name for each in parsed if each.kind in {_BOLD, _ALONE})
        names |= {name for name, times in bold.items() if times > 1}
    return names


def _is_numbered(name: str) -> bool:
    """Whether a name is a speaker's of a program's, "Speaker 1", which is none of a chapter."""
    return name[-1:].isdigit() and standing(name) is Standing.NAME


def _has_words(parsed: Sequence[_Parsed], at: int) -> bool:
    """Whether words follow the name that a line is, and the name before it has words, too."""
    neighbours = (parsed[at - 1] if at else None, parsed[at + 1] if at + 1 < len(parsed) else parsed[at])
    return all(each is None or each.kind is not _ALONE for each in neighbours)


def _come_again(names: Sequence[str], transcript: bool) -> frozenset[str]:
    """The names, if they come again as people's in a conversation do; of headings, one or another may."""
    distinct = frozenset(names)
    again = len(distinct) * 2 <= len(names) + 1 or transcript
    return distinct if len(distinct) < len(names) and again else frozenset()


def _counts(each: _Parsed, names: Collection[str]) -> bool:
    return each.kind is not None and each.name in names


def _is_speech(turns: Turns) -> bool:
    """Whether lines of which nobody said so are what people say."""
    named = [each for each in turns.parsed if _counts(each, turns.names)]
    if turns.timed:
        return _leaves_room(turns) or _converse(turns)
    if turns.are_records:
        return False
    paragraphs = sum(1 for each in turns.parsed if each.line.begins)
    again = len({each.name for each in named}) < len(named)
    if named and len(named) == paragraphs:
        return True
    return len(named) > 1 and len(named) * (4 if again else 2) >= paragraphs


def _converse(turns: Turns) -> bool:
    """Whether names with times say sentences and come again, as those of an agenda do not."""
    named = [at for at, each in enumerate(turns.parsed) if _counts(each, turns.names)]
    starts = [each.start for each in turns.parsed if each.start is not None]
    ends = (*named[1:], len(turns.parsed))
    said = sum(_SENTENCE.search(turns.parsed[end - 1].said) is not None for end in ends)
    if starts != sorted(starts) or said * 4 < len(named) * 3:
        return False
    if starts[0] and all(start % _AGENDA_SECONDS == 0 for start in starts):
        return False
    return count_returns([turns.parsed[at].name for at in named]) > 1


def _leaves_room(turns: Turns) -> bool:
    """Whether most turns say a character a second or more.

    Chapters and stages of an agenda say less; the times of verses and results, below their names, go back.
    """
    starts: list[tuple[float, int]] = []
    names: Counter[str] = Counter()
    for each in turns.parsed:
        if _counts(each, turns.names):
            names[each.name] += 1
        words = len(each.words if _counts(each, turns.names) else each.said)
        if each.start is not None:
            starts.append((each.start, words))
        elif starts:
            starts[-1] = starts[-1][0], starts[-1][1] + words
    lasting = [(end - start, characters) for (start, characters), (end, _) in itertools.pairwise(starts)]
    odd = sum(duration > characters or (duration < 0 and bool(names)) for duration, characters in lasting)
    return odd * 2 <= len(lasting)


def _has_dashes(turns: Turns) -> bool:
    """Whether dashes begin another speaker's words: where names stand without them, they begin items."""
    named = [each.line.text.lstrip() for each in turns.parsed if _counts(each, turns.names)]
    return not named or turns.timed or any(text[:1] in _DASHES for text in named)
