"""Lines of a text or a document as turns: who says what, and from when.

Every format that has lines instead of cues hands them over in order, with what it knows of each: whether it
is a heading, and what stands out in bold at its start. Whether they are what people say is decided on all of
them:

1.  Each line is read as *time, name, words*, any of which may be missing (`attributed`).
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
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.normalizers.attributed import (
    Attributed,
    Form,
    attribute,
    is_numbered,
    without_time,
)
from episodic.canonical.normalizers.dialogue import QUESTION_END, SENTENCE_END, split_changes
from episodic.canonical.normalizers.labelling import Labels, count_returns, doubted_languages, find_labels
from episodic.canonical.normalizers.lines import Line, apart, one_form
from episodic.canonical.normalizers.names import Standing, is_numbered_speaker, standing
from episodic.canonical.patterns import pattern
from episodic.canonical.sources import Doubt, Utterance
from episodic.canonical.times import ARROW, stamp, timing
from episodic.canonical.tokens import fold

_DASHES: Final = "-\u2013\u2014"
_SAMPLE: Final = 40
_HEAD: Final = 6  # lines above the first time
_SENTENCE: Final = pattern(rf"{SENTENCE_END.pattern}|[,\uff0c\u3001]$")
_FIELD: Final = pattern(r"[^\n:\uff1a]{1,40}[:\uff1a]")
_AGENDA_SECONDS: Final = 15  # of which all times of an agenda are multiples, from a beginning of its own
_ENDING: Final = 20  # characters
_MOST_ONCE: Final = 3  # names that all stand once, as in a list of terms
_FEW_FIELDS: Final = 2  # lines
_LONGEST_FIELD: Final = 24  # characters
_LONG_DASHES: Final = ("\u2013", "\u2014", "\u2015")
# What is no speech behind a label: numbers of telephones, prices and hours, addresses of mail and of pages.
_DATA: Final = pattern(
    r"\s*(?:\S*@\S+\.\w+|(?:https?://|www\.)\S+"
    r"|[+(]?\d[\d\s()/.,:+\u2010-\u2015-]*(?:[^\W\d_]{1,4}\.?|[^\w\s.?!])?)\s*"
)
_MANY: Final = 5  # lines that look like speech, in what may be notes


@dataclass(frozen=True, slots=True)
class Turns:
    """Lines that are what people say.

    Parameters
    ----------
    timed
        Whether a turn lasts to the next time or name, over the ends of paragraphs.
    """

    parsed: tuple[Attributed, ...]
    names: frozenset[str]
    timed: bool

    @property
    def lines(self) -> Sequence[Line]:
        """The lines that they are made of."""
        return [each.line for each in self.parsed]

    def begins(self, at: int) -> bool:
        """Whether a turn begins with a line."""
        each = self.parsed[at]
        if not (self.names or self.timed) and each.line.text.lstrip().startswith(_LONG_DASHES):
            return True
        return (each.start is not None and not each.line.heading) or _counts(each, self.names)

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
        if each.kind is not Form.COLON or each.start is not None or each.name in below:
            return False
        return sum(1 for name, times in below.items() if times > 1 and name in self.names) > 1

    def part(self, start: int, stop: int) -> Turns:
        """Those of some of the lines."""
        return replace(self, parsed=self.parsed[start:stop])

    def headings(self) -> Iterator[tuple[Line, float | None]]:
        """The headings that name nobody without their times, each with its time or that of what follows."""
        for at, each in enumerate(self.parsed):
            if each.line.heading and not _counts(each, self.names):
                starts = (near.start for near in self.parsed[at : at + 4])
                start = next((start for start in starts if start is not None), None)
                yield each.line._replace(text=each.said), start


def find_turns(lines: Sequence[Line], *, transcript: bool) -> Turns | None:
    """The turns of a text, or ``None`` where it is none that people say.

    Parameters
    ----------
    transcript
        Whether it is known to be one.
    """
    if not transcript and _quotes_cues(lines):
        return None
    lines, parsed = attribute(one_form(lines))
    times = _are_timed(parsed)
    if not times:
        parsed = [without_time(each) for each in parsed]
    names = _names(parsed, transcript)
    timed = times or any(_counts(each, names) and each.kind is Form.TIMED for each in parsed)
    turns = Turns(tuple(_without_aside(each, names) for each in parsed), names, timed)
    if not transcript and not _is_speech(turns):
        return None
    if timed and len(parts := list(apart(lines))) > len(lines):
        return find_turns(parts, transcript=True)
    return turns


def are_dashed(lines: Sequence[Line], *, listed: bool) -> bool:
    """Whether dashes begin nearly all that is said, and questions among it are answered, as in interviews.

    Parameters
    ----------
    listed
        Whether what a list has counts, too.
    """
    said: list[str] = []
    others = 0
    for line in lines:
        text = line.text.lstrip()
        if (listed and (line.item or text.startswith("-"))) or text.startswith(_LONG_DASHES):
            said.append(text)
        elif said and not line.begins:
            said[-1] = f"{said[-1]} {text}"
        else:
            others += not line.heading
    asked = [QUESTION_END.search(text[-_ENDING:]) is not None for text in said]
    answered = sum(before and not after for before, after in itertools.pairwise(asked))
    return len(said) >= _MANY and others * 4 <= len(said) and answered * 3 >= len(said)


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
        text = each.words if counts else each.said
        if text[:1] in _LONG_DASHES and not (turns.names or turns.timed):
            text = f"{text[0]} {text[1:]}"  # in Spanish, no space is there
        for mark, part in split_changes(text):
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
    lines = [line for line in lines if not _is_data(line.partition(":")[2])]
    found = find_labels(lines)
    if any(doubted_languages([label.name for label in found])):
        return f"{len(found):,} of {len(lines):,} lines begin with the name of a language, or a speaker's"
    labels = Labels.among(found, len(lines))
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


def _quotes_cues(lines: Sequence[Line]) -> bool:
    """Whether a text that begins otherwise has cues of captions in it, as prose about captions has."""
    first = [line.text for line in lines[:_SAMPLE]]
    cues = any(ARROW.search(text) and text.lstrip()[:1].isdigit() and stamp(text) for text in first)
    return cues and stamp(first[0]) is None


def _are_timed(parsed: Sequence[Attributed]) -> bool:
    """Whether most of the first lines begin with a time, or as many as there are lines of one."""
    first = [each for each in parsed if not each.line.heading][:_SAMPLE]
    timed = [each.start is not None and not _is_beside_only(each) for each in first]
    if not any(timed[:_HEAD]):
        return False
    below = timed[timed.index(True) :]
    return sum(below) >= min(2, len(below)) and sum(below) * 3 >= len(below)


def _is_beside_only(parsed: Attributed) -> bool:
    return parsed.kind in {Form.TIMED, Form.COLON} and stamp(parsed.line.text) is None


def _names(parsed: Sequence[Attributed], transcript: bool) -> frozenset[str]:
    """The names that count, of each kind by its evidence."""
    speech = [each for each in parsed if not each.line.heading]
    paragraphs = sum(1 for each in speech if each.line.begins or each.start is not None)
    ends = (each.line.text[-_ENDING:] for each in speech) if paragraphs < len(speech) else ()
    sentences = sum(_SENTENCE.search(end) is not None for end in ends)  # a line each
    colons = [each for each in speech if each.kind is Form.COLON and not each.bare]
    bare = [each for each in speech if each.kind is Form.COLON and each.bare]
    colons = colons if len(bare) <= len(colons) else [*colons, *bare]
    labels = Labels.decided(
        [(each.name, standing(each.name)) for each in colons], max(1, paragraphs, sentences)
    )
    names = labels.names.union(each.name for each in parsed if each.called)
    stamped = [each for each in parsed if each.kind is Form.STAMPED]
    if len(stamped) * 5 >= sum(each.start is not None for each in parsed) * 4:
        names |= _come_again([each.name for each in stamped], transcript)
    timed = [each for each in parsed if each.kind is Form.TIMED]
    starts = [each.start for each in timed if each.start is not None]
    forward = len(starts) > 1 and starts == sorted(starts)
    names |= _come_again([each.name for each in timed], transcript or forward)
    names |= {each.name for each in timed if is_numbered(each.name)}
    names |= _come_again([each.name for each in parsed if each.kind is Form.CELL], transcript)
    bold = [each for each in speech if each.kind is Form.BOLD and standing(each.name) >= Standing.WORD]
    defined = sum(each.words[:1].islower() for each in bold)  # the bold word is what a sentence is about
    if len(bold) >= paragraphs and defined * 2 < len(bold):
        names |= _come_again([each.name for each in bold], transcript)
    alone = [each.name for each in parsed if each.kind is Form.ALONE and standing(each.name) >= Standing.WORD]
    body = parsed
    if parsed and parsed[0].line.heading and alone.count(parsed[0].name) == 1:
        alone.remove(parsed[0].name)  # the title
        body = parsed[1:]
    again = _come_again(alone, transcript)
    headings = Counter(each.name for each in body if each.line.heading)
    returning = sum(times for times in headings.values() if times > 1)
    if again & headings.keys() and returning * 2 > headings.total():
        names |= {each.name for each in body if each.line.heading and each.kind is Form.ALONE}
    introduced = {
        each.name for at, each in enumerate(parsed) if each.kind is Form.ALONE and _has_words(parsed, at)
    }
    often = Counter(alone)
    in_turn = len(alone) * 2 >= paragraphs
    names |= {
        name
        for name in again
        if often[name] > 1 or (name in introduced and (in_turn or standing(name) is Standing.NAME))
    }
    if transcript:
        bold = Counter(each.name for each in parsed if each.kind is Form.BOLD or each.kind is Form.ALONE)
        names |= {name for name, times in bold.items() if times > 1}
    return names


def _has_words(parsed: Sequence[Attributed], at: int) -> bool:
    """Whether words follow the name that a line is, and the name before it has words, too."""
    neighbours = (parsed[at - 1] if at else None, parsed[at + 1] if at + 1 < len(parsed) else parsed[at])
    return all(each is None or each.kind is not Form.ALONE for each in neighbours)


def _come_again(names: Sequence[str], transcript: bool) -> frozenset[str]:
    """The names, if they come again as people's in a conversation do; of headings, one or another may."""
    distinct = frozenset(names)
    again = len(distinct) * 2 <= len(names) + 1 or transcript
    return distinct if len(distinct) < len(names) and again else frozenset()


def _without_aside(each: Attributed, names: Collection[str]) -> Attributed:
    """A line whose name has an aside behind it, ``TOMAS (laughing): Yes.``, which goes to the words."""
    name, _, aside = each.name.partition(" (")
    if not aside or each.name in names or name not in names:
        return each
    return each._replace(name=name, words=f"({aside} {each.words}")


def _counts(each: Attributed, names: Collection[str]) -> bool:
    return each.kind is not None and each.name in names


def _is_speech(turns: Turns) -> bool:
    """Whether lines of which nobody said so are what people say."""
    named = [each for each in turns.parsed if _counts(each, turns.names)]
    if turns.timed:
        return _leaves_room(turns) or _converse(turns)
    if turns.are_records or _are_fields(turns):
        return False
    if not turns.names and are_dashed(turns.lines, listed=False):
        return True
    paragraphs = sum(1 for each in turns.parsed if each.line.begins)
    again = len({each.name for each in named}) < len(named)
    if not again and _are_items(turns, named):
        return False
    if named and len(named) == paragraphs:
        return True
    return len(named) > 1 and len(named) * (4 if again else 2) >= paragraphs


def _are_fields(turns: Turns) -> bool:
    """Whether a third of what stands behind labels are data, as in lists of addresses or of prices."""
    texts = [each.line.text for each in turns.parsed if each.start is None]
    fields = (_FIELD.match(text) for text in texts)
    said = [field.string[field.end() :] for field in fields if field is not None]
    said = [words for words in said if words[:1].isspace() or not words[:1].isdecimal()]  # no "at 10:30"
    return sum(map(_is_data, said)) * 3 > len(said)


def _is_data(words: str) -> bool:
    """Whether words are data that nobody says: "12 €", and not "12.", which is an answer."""
    return _DATA.fullmatch(words) is not None and SENTENCE_END.search(words) is None


def _are_items(turns: Turns, named: Sequence[Attributed]) -> bool:
    """Whether names that all stand once are many terms, or fields.

    Fields are short, or have a list, and neither sentences nor full names, nor most of them small letters.
    """
    if any(is_numbered_speaker(each.name.casefold()) for each in named):
        return False
    if len(named) > _MOST_ONCE and all(map(_may_be_term, named)):
        return True
    if any(standing(each.name) is Standing.NAME and not any(map(str.isdigit, each.name)) for each in named):
        return False
    said = [each.words if _counts(each, turns.names) else each.said for each in turns.parsed]
    if len(said) <= _FEW_FIELDS or sum(text[:1].islower() for text in said) * 2 > len(said):
        return False
    return not any(len(text) > _LONGEST_FIELD or _SENTENCE.search(text) for text in said)


def _may_be_term(each: Attributed) -> bool:
    """Whether a name is one word without a number, as what a list of terms explains."""
    return standing(each.name) is not Standing.NAME and not any(map(str.isdigit, each.name))


def _converse(turns: Turns) -> bool:
    """Whether names with times say sentences and come again, as those of an agenda do not."""
    named = [at for at, each in enumerate(turns.parsed) if _counts(each, turns.names)]
    starts = [each.start for each in turns.parsed if each.start is not None]
    ends = (*named[1:], len(turns.parsed))
    said = sum(
        any(_SENTENCE.search(each.said) for each in turns.parsed[at:end])
        for at, end in zip(named, ends, strict=False)
    )
    if starts != sorted(starts) or said * 4 < len(named) * 3:
        return False
    if len(starts) * 2 > len(named) and starts[0] and all(start % _AGENDA_SECONDS == 0 for start in starts):
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
