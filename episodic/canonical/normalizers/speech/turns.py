"""Lines of a text or a document as turns: who says what, and from when.

Every format that has lines instead of cues hands them over in order, with what it knows of each: whether it
is a heading, and what stands out in bold at its start. Whether they are what people say is decided on all of
them:

1.  Each line is read as *time, name, words*, any of which may be missing (`attributed`).
2.  *Times* count where a third of the first lines begin with one, or where names stand beside them and come
    again.
3.  *Names* count by the evidence of `dialogue.Labels`, each kind by itself: before a colon; beside a time;
    alone on their line, plain, in bold or as a heading. Those without a colon must come again after others;
    of those before a dash, or in bold before words, people must say "I", "you" or "thanks" to each other.
4.  Unless it is known to be a transcript, a text is one only if that makes talk of it (`talk`).
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
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from episodic.canonical.normalizers.speech.attributed import (
    Attributed,
    Form,
    attribute,
    is_numbered,
    without_time,
)
from episodic.canonical.normalizers.speech.dialogue import split_changes
from episodic.canonical.normalizers.speech.interviews import answered, interviewed
from episodic.canonical.normalizers.speech.labelling import Labels, are_addressed, doubted_languages
from episodic.canonical.normalizers.speech.lexicon import ROLES
from episodic.canonical.normalizers.speech.lines import Line, apart, one_form
from episodic.canonical.normalizers.speech.names import Standing, is_caseless, standing
from episodic.canonical.normalizers.speech.talk import ENDING, LONG_DASHES, SENTENCE, Turns, is_named, is_talk
from episodic.canonical.sources import Utterance
from episodic.canonical.text.times import ARROW, stamp
from episodic.canonical.text.tokens import fold

_DASHES: Final = "-\u2013\u2014"
_SAMPLE: Final = 40
_HEAD: Final = 6  # lines above the first time


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
    parsed = _below_times(parsed)
    times = _are_timed(parsed)
    if not times:
        parsed = [without_time(each) for each in parsed]
    names = _names(parsed, transcript)
    timed = times or any(is_named(each, names) and each.kind is Form.TIMED for each in parsed)
    changes = answered(parsed, names) if names or timed else interviewed(parsed)
    if changes and not names:  # who asks may do it in headings
        parsed = [
            each._replace(line=each.line._replace(level=0)) if at in changes else each
            for at, each in enumerate(parsed)
        ]
    settled = tuple(_without_said_time(_without_aside(each, names), names) for each in parsed)
    turns = Turns(settled, names, timed, changes)
    if not transcript and not is_talk(turns):
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

    for at, each in enumerate(turns.parsed):
        counts = is_named(each, turns.names)
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
        if at in turns.changes:
            yield from finished()
            speaker, marked = None, True
        text = each.words if counts else each.said
        if text[:1] in LONG_DASHES and not (turns.names or turns.timed):
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


def _quotes_cues(lines: Sequence[Line]) -> bool:
    """Whether a text that begins otherwise has cues of captions in it, as prose about captions has."""
    first = [line.text for line in lines[:_SAMPLE]]
    cues = any(ARROW.search(text) and text.lstrip()[:1].isdigit() and stamp(text) for text in first)
    return cues and stamp(first[0]) is None


def _are_timed(parsed: Sequence[Attributed]) -> bool:
    """Whether most of the first lines begin with a time, or as many as there are lines of one."""
    first = list(itertools.islice((each for each in parsed if not each.line.heading), _SAMPLE))
    timed = [each.start is not None and not _is_beside_only(each) for each in first]
    if not any(timed[:_HEAD]):
        return False
    below = timed[timed.index(True) :]
    return sum(below) >= min(2, len(below)) and sum(below) * 3 >= len(below)


def _below_times(parsed: list[Attributed]) -> list[Attributed]:
    """Lines with a time among their words, "10:30 was late", where others are alone above the words."""
    alone = [each.start is not None and not each.said for each in parsed]
    if not any(alone) or sum(alone) * 5 < sum(each.start is not None for each in parsed) * 4:
        return parsed
    return [
        parsed[0],
        *(without_time(each) if above else each for above, each in zip(alone[:-1], parsed[1:], strict=True)),
    ]


def _said_with_times(timed: Sequence[Attributed]) -> frozenset[str]:
    """What stands once before a time that is later than the next: a sentence without a stop, "at 10:30"."""
    often = Counter(each.name for each in timed)
    return frozenset(
        each.name
        for each, after in itertools.pairwise(timed)
        if often[each.name] == 1 and (each.start or 0) > (after.start or 0)
    )


def _without_said_time(each: Attributed, names: Collection[str]) -> Attributed:
    """A line without the time beside what is no name after all."""
    if each.start is None or each.name in names or not _is_beside_only(each):
        return each
    return each._replace(start=None, end=None)


def _is_beside_only(parsed: Attributed) -> bool:
    return parsed.kind in {Form.TIMED, Form.COLON} and stamp(parsed.line.text) is None


def _names(parsed: Sequence[Attributed], transcript: bool) -> frozenset[str]:
    """The names that count, of each kind by its evidence."""
    speech = [each for each in parsed if not each.line.heading]
    paragraphs = sum(1 for each in speech if each.line.begins or each.start is not None)
    ends = (each.line.text[-ENDING:] for each in speech) if paragraphs < len(speech) else ()
    sentences = sum(SENTENCE.search(end) is not None for end in ends)  # a line each
    kinds: defaultdict[Form, list[Attributed]] = defaultdict(list)  # most lines are of none
    for each in parsed:
        if each.kind is not None:
            kinds[each.kind].append(each)
    spoken_by = [each for each in kinds[Form.COLON] if not each.line.heading]
    bare = [each for each in spoken_by if each.bare]
    colons = [each for each in spoken_by if not each.bare]
    colons = colons if len(bare) <= len(colons) else [*colons, *bare]
    labels = Labels()
    if not any(doubted_languages([(each.name, each.words) for each in colons])):
        found = [(each.name, standing(each.name)) for each in colons]
        roles = [each.words for each in colons if each.name.casefold() in ROLES]
        spoken = all(map(SENTENCE.search, roles)) and are_addressed(roles, asked=True)
        labels = Labels.decided(found, max(1, paragraphs, sentences), spoken=spoken)
    names = labels.names.union(
        each.name for each in itertools.chain.from_iterable(kinds.values()) if each.called
    )
    stamped = kinds[Form.STAMPED]
    if stamped and len(stamped) * 5 >= sum(each.start is not None for each in parsed) * 4:
        names |= _come_again([each.name for each in stamped], transcript)
    timed = kinds[Form.TIMED]
    starts = [each.start for each in timed if each.start is not None]
    forward = len(starts) > 1 and starts == sorted(starts)
    names |= _come_again([each.name for each in timed], transcript or forward) - _said_with_times(timed)
    names |= {each.name for each in timed if is_numbered(each.name)}
    names |= _come_again([each.name for each in kinds[Form.CELL]], transcript)
    names |= _come_again_in_talk(kinds[Form.DASHED], transcript)
    bold = [
        each for each in kinds[Form.BOLD] if not each.line.heading and standing(each.name) >= Standing.WORD
    ]
    defined = sum(each.words[:1].islower() for each in bold)  # the bold word is what a sentence is about
    if len(bold) >= paragraphs and defined * 2 < len(bold):
        names |= _come_again_in_talk(bold, transcript)
    if kinds[Form.ALONE]:
        names |= _alone(parsed, paragraphs, transcript)
    if transcript:
        outstanding = Counter(each.name for each in (*kinds[Form.BOLD], *kinds[Form.ALONE]))
        names |= {name for name, times in outstanding.items() if times > 1}
    return names


def _alone(parsed: Sequence[Attributed], paragraphs: int, transcript: bool) -> frozenset[str]:
    """The names that count of those that are alone on their lines, or headings."""
    alone = [each.name for each in parsed if each.kind is Form.ALONE and standing(each.name) >= Standing.WORD]
    names: frozenset[str] = frozenset()
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
    return names | {
        name
        for name in again
        if often[name] > 1 or (name in introduced and (in_turn or standing(name) is Standing.NAME))
    }


def _has_words(parsed: Sequence[Attributed], at: int) -> bool:
    """Whether words follow the name that a line is, and the name before it has words, too."""
    neighbours = (parsed[at - 1] if at else None, parsed[at + 1] if at + 1 < len(parsed) else parsed[at])
    return all(each is None or each.kind is not Form.ALONE for each in neighbours)


def _come_again(names: Sequence[str], transcript: bool) -> frozenset[str]:
    """The names, if they come again as people's in a conversation do; of headings, one or another may."""
    distinct = frozenset(names)
    again = len(distinct) * 2 <= len(names) + 1 or transcript
    return distinct if len(distinct) < len(names) and again else frozenset()


def _come_again_in_talk(each: Sequence[Attributed], transcript: bool) -> frozenset[str]:
    """The names of lines that nothing but their form sets apart, if people talk to each other there."""
    capitals = all(line.name.isupper() or is_caseless(line.name) for line in each)  # as in plays
    talk = transcript or are_addressed([line.words for line in each], asked=capitals)
    return _come_again([line.name for line in each], transcript) if talk else frozenset()


def _without_aside(each: Attributed, names: Collection[str]) -> Attributed:
    """A line whose name has an aside behind it, ``TOMAS (laughing): Yes.``, which goes to the words."""
    name, _, aside = each.name.partition(" (")
    if not aside or each.name in names or name not in names:
        return each
    return each._replace(name=name, words=f"({aside} {each.words}")


def _has_dashes(turns: Turns) -> bool:
    """Whether dashes begin another speaker's words: where names stand without them, they begin items."""
    named = [each.line.text.lstrip() for each in turns.parsed if is_named(each, turns.names)]
    return not named or turns.timed or any(text[:1] in _DASHES for text in named)
